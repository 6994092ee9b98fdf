import type { Clock } from "../../base/time.js";
import type { Ncp } from "./options.js";
import type { ReadyPin } from "./ready-pin.js";

/** How long behind a fall a planted pulse comes, and how long it lasts. */
const PULSE_AFTER_MS = 0.3;
const PULSE_MS = 0.1;

interface Parts {
  readonly ncp: Ncp;
  readonly clock: Clock;
  readonly pin: ReadyPin;
  readonly signal: AbortSignal;
}

/** How the application moves SPI_RDY: each change takes its time, and a planted fault changes the pin, not what the module means. */
export class RdyLine {
  readonly #parts: Parts;
  readonly #fell: () => void;
  readonly #isWanted: () => boolean;
  #level = false;
  #isMoving = false;
  /** Every second fall has no pulse behind it: a host that follows each one comes to an end. */
  #isClean = true;
  #lowSinceMs = Number.NEGATIVE_INFINITY;

  /** @param fell is called when it is low again. @param isWanted asked when it is about to rise: CS is high, or there is more to say. */
  constructor(parts: Parts, fell: () => void, isWanted: () => boolean) {
    this.#parts = parts;
    this.#fell = fell;
    this.#isWanted = isWanted;
  }

  /** A host may begin: it is high, and will stay so. */
  get isOpen(): boolean {
    return this.#level && !this.#isMoving;
  }

  /** After `ms`, and not before it has been low for long enough; unless nobody wants it any more by then. */
  rise(ms: number): void {
    if (this.#level || this.#isMoving) return;
    const { ncp, clock } = this.#parts;
    this.#move(Math.max(ms, this.#lowSinceMs + ncp.againMs - clock.now()), () => {
      if (this.#isWanted()) this.#set(true);
    });
  }

  fall(): void {
    if (!this.isOpen) return;
    this.#move(this.#parts.ncp.ackMs, () => {
      this.#set(false);
      this.#fell();
      this.#isClean = !this.#isClean;
      if (this.#parts.ncp.ready === "glitches" && !this.#isClean) this.#pulse();
    });
  }

  #move(ms: number, change: () => void): void {
    this.#isMoving = true;
    this.#after(ms, () => {
      this.#isMoving = false;
      change();
    });
  }

  /** Somebody who sees it in time may begin, and is told nothing. */
  #pulse(): void {
    this.#after(PULSE_AFTER_MS, () => {
      if (this.#level || this.#isMoving || this.#isWanted()) return;
      this.#set(true);
      this.#after(PULSE_MS, () => {
        if (this.isOpen && !this.#isWanted()) this.#set(false);
      });
    });
  }

  #after(ms: number, act: () => void): void {
    const { clock, signal } = this.#parts;
    if (ms > 0) clock.sleep(ms, signal).then(act, () => undefined);
    else act();
  }

  #set(level: boolean): void {
    const { ncp, clock, pin } = this.#parts;
    this.#level = level;
    if (!level) this.#lowSinceMs = clock.now();
    if (level ? ncp.ready !== "never" : ncp.ready !== "stuck") pin.set(level);
  }
}
