import type { Clock } from "../../base/time.js";
import type { SimOptions } from "../options.js";
import { resample } from "./sampling.js";
import { byteMs, sentBy, type Train } from "./train.js";
import { type Cable, sameBaud, type Uart } from "./uart.js";

/** Less than this is rounding, not a pause between two writes. */
const SLACK_MS = 1e-6;

/** The host's UART, at its end of the line. */
export interface HostUart {
  /** Its rate now, in baud; 0: it is hung up. */
  readonly baud: number;
  /** What it has read: garbage already, where the rates differ. */
  receive(bytes: Uint8Array): void;
  /** The module is reset or goes off: what it was given before its time, and has not left by now, never will. */
  recall?(): void;
}

/** Something that the module is sending. `taken`: so many of its bytes have arrived and were handed on or dropped. */
interface Sending {
  readonly bytes: Uint8Array;
  readonly baud: number;
  readonly startMs: number;
  taken: number;
}

interface Parts {
  readonly uart: Uart;
  readonly clock: Clock;
  readonly options: Pick<SimOptions, "wiring" | "link">;
}

/**
 * The line between one host and the module. Time is absolute: nothing drifts. A line that is not paced takes no time
 * at all, but its ends still need the same rate.
 */
export class HostLine implements Cable {
  readonly #parts: Parts;
  readonly #host: HostUart;
  readonly #paced: boolean;
  #freeMs = 0;
  #sending: Sending | undefined;

  constructor(parts: Parts, host: HostUart, paced: boolean) {
    this.#parts = parts;
    this.#host = host;
    this.#paced = paced;
    parts.uart.cable = this;
  }

  /**
   * Sends at the host's rate of this moment; one call after the other. `sleep` spends the line's time: when it throws,
   * what has left by then was sent.
   */
  async send(bytes: Uint8Array, sleep: (ms: number) => Promise<void>): Promise<void> {
    const { uart, clock } = this.#parts;
    const { baud } = this.#host;
    const nowMs = clock.now();
    if (!this.#paced) return this.#carry({ bytes, baud, endMs: nowMs, atOnce: true });
    const startMs = nowMs > this.#freeMs + SLACK_MS ? nowMs : this.#freeMs;
    for (let sent = 0; sent < bytes.length; ) {
      const next = Math.min(bytes.length, sent + (this.#carries(baud) ? uart.appetite(baud) : bytes.length));
      try {
        await sleep(startMs + next * byteMs(baud) - clock.now());
      } finally {
        const left = Math.min(next, sentBy(clock.now(), startMs, baud));
        this.#freeMs = startMs + left * byteMs(baud);
        this.#carry({ bytes: bytes.subarray(sent, left), baud, endMs: this.#freeMs });
        sent = left;
      }
    }
  }

  begin(bytes: Uint8Array, baud: number): number {
    if (!this.#paced) {
      this.#hand(bytes, baud);
      return 0;
    }
    this.#sending = { bytes, baud, startMs: this.#parts.clock.now(), taken: 0 };
    return bytes.length * byteMs(baud);
  }

  end(): void {
    const sending = this.#sending;
    this.#sending = undefined;
    if (sending !== undefined) this.#hand(sending.bytes.slice(sending.taken, this.#arrived(sending)), sending.baud);
  }

  cut(): void {
    this.end();
    this.#host.recall?.();
  }

  /** The host forgets what has arrived of something that is still under way. */
  skip(): void {
    if (this.#sending !== undefined) this.#sending.taken = this.#arrived(this.#sending);
  }

  /** The module goes on. */
  unplug(): void {
    if (this.#parts.uart.cable === this) this.#parts.uart.cable = undefined;
  }

  #arrived({ bytes, baud, startMs }: Sending): number {
    return Math.min(bytes.length, sentBy(this.#parts.clock.now(), startMs, baud));
  }

  #hand(bytes: Uint8Array, baud: number): void {
    if (!this.#carries(baud)) return;
    const own = this.#host.baud;
    this.#host.receive(sameBaud(baud, own) ? bytes : resample(bytes, baud, own));
  }

  #carry(train: Train): void {
    const { wiring, link } = this.#parts.options;
    const echoes = wiring.txRx === "bridged" || wiring.txRx === "echo";
    if (echoes && train.bytes.length > 0 && train.baud > 0 && train.baud <= link.maxBaud)
      this.#host.receive(train.bytes);
    if (this.#carries(train.baud)) this.#parts.uart.hear(train);
  }

  /** Whether bytes at `baud` get through here at all. */
  #carries(baud: number): boolean {
    const { uart, options } = this.#parts;
    const { wiring, link } = options;
    const own = this.#host.baud;
    const wired = wiring.txRx === "ok" || wiring.txRx === "echo";
    return uart.cable === this && wired && Math.min(baud, own) > 0 && Math.max(baud, own) <= link.maxBaud;
  }
}
