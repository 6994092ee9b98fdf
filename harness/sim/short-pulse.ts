import type { Clock } from "../base/time.js";
import { hasPassed } from "./time/passed.js";

/**
 * CHIP_EN as the die takes it: a low that is shorter than `leastMs` leaves no trace, and a longer one counts from its
 * `leastMs` on. With 0 it is the level of the pin.
 */
export class ShortPulse {
  readonly #clock: Clock;
  readonly #leastMs: number;
  readonly #settle: () => void;
  #driven = false;
  #enabled = false;
  #fallMs = 0;
  #waiting: AbortController | undefined;

  /** @param settle is called whenever `enabled` has changed by itself, or for a moment. */
  constructor(clock: Clock, leastMs: number, settle: () => void) {
    this.#clock = clock;
    this.#leastMs = leastMs;
    this.#settle = settle;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  drive(level: boolean): void {
    if (level === this.#driven) return;
    this.#driven = level;
    if (level) this.#rise();
    else this.#fall();
  }

  /** Without a supply nothing remembers: CHIP_EN is what it is driven to. */
  forget(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
    this.#enabled = this.#driven;
  }

  #fall(): void {
    this.#fallMs = this.#clock.now();
    if (this.#leastMs === 0 || !this.#enabled) {
      this.#enabled = false;
      return;
    }
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#clock.sleep(this.#leastMs, waiting.signal).then(
      () => this.#notice(),
      () => undefined,
    );
  }

  /** On a clock that does not jump a timer may be late: the length of the pulse decides. */
  #rise(): void {
    if (this.#waiting !== undefined && hasPassed(this.#clock, this.#fallMs, this.#leastMs)) this.#notice();
    this.#waiting?.abort();
    this.#waiting = undefined;
    this.#enabled = true;
  }

  #notice(): void {
    this.#waiting = undefined;
    this.#enabled = false;
    this.#settle();
  }
}
