import { HarnessError } from "../base/errors.js";
import { Inbox } from "../base/inbox.js";
import type { Clock, Deadline } from "../base/time.js";
import type { Wire } from "../base/wire.js";
import type { SimOptions } from "./options.js";
import { resample } from "./sampling.js";
import { byteMs, type Cable, sameBaud, sentBy, type Uart } from "./uart.js";

/** What a host's adapter stands at until somebody sets it: the rate of the vendor's handshake. */
const FIRST_BAUD = 500_000;
/** No UART is faster; and time stays finer than a byte. */
const LIMIT_BAUD = 100_000_000;
/** Less than this is rounding, not a pause between two writes. */
const SLACK_MS = 1e-6;

/** Something that the module is sending. `taken`: so many of its bytes have arrived and were handed on or dropped. */
interface Sending {
  readonly bytes: Uint8Array;
  readonly baud: number;
  readonly startMs: number;
  taken: number;
}

/** The line between one host and the module, with the host's UART at its end. Time is absolute: nothing drifts. */
export class SimWire implements Wire, Cable {
  readonly #uart: Uart;
  readonly #clock: Clock;
  readonly #options: Pick<SimOptions, "wiring" | "link">;
  readonly #inbox = new Inbox();
  #baud = FIRST_BAUD;
  #freeMs = 0;
  #writing: Promise<void> = Promise.resolve();
  #sending: Sending | undefined;

  constructor(uart: Uart, clock: Clock, options: Pick<SimOptions, "wiring" | "link">) {
    this.#uart = uart;
    this.#clock = clock;
    this.#options = options;
    uart.cable = this;
  }

  get baud(): number {
    return this.#baud;
  }

  /** One write after the other. @throws the deadline's error when time is up; what has left by then was sent. */
  write(bytes: Uint8Array, deadline: Deadline): Promise<void> {
    const copy = bytes.slice();
    const turn = this.#writing.then(() => this.#send(copy, deadline));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  read(deadline: Deadline): Promise<Uint8Array> {
    return this.#inbox.take(deadline);
  }

  /** @throws HarnessError RIG_INVALID for a rate that no adapter has. */
  async setBaud(baud: number): Promise<void> {
    if (!(baud > 0 && baud <= LIMIT_BAUD))
      throw new HarnessError("RIG_INVALID", `expected a baud above 0 and up to ${LIMIT_BAUD}, got ${baud}`);
    this.drop();
    this.#baud = baud;
  }

  drop(): void {
    if (this.#sending !== undefined) this.#sending.taken = this.#arrived(this.#sending);
    this.#inbox.drop();
  }

  begin(bytes: Uint8Array, baud: number): void {
    this.#sending = { bytes, baud, startMs: this.#clock.now(), taken: 0 };
  }

  end(): void {
    const sending = this.#sending;
    this.#sending = undefined;
    if (sending === undefined || !this.#carries(sending.baud)) return;
    const bytes = sending.bytes.slice(sending.taken, this.#arrived(sending));
    this.#inbox.push(sameBaud(sending.baud, this.#baud) ? bytes : resample(bytes, sending.baud, this.#baud));
  }

  /** Only unplugs: the module goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#uart.cable === this) this.#uart.cable = undefined;
    this.#inbox.drop();
  }

  async #send(bytes: Uint8Array, deadline: Deadline): Promise<void> {
    const baud = this.#baud;
    const nowMs = this.#clock.now();
    const startMs = nowMs > this.#freeMs + SLACK_MS ? nowMs : this.#freeMs;
    for (let sent = 0; sent < bytes.length; ) {
      const next = Math.min(bytes.length, sent + (this.#carries(baud) ? this.#uart.appetite(baud) : bytes.length));
      try {
        await deadline.sleep(startMs + next * byteMs(baud) - this.#clock.now());
      } finally {
        const left = Math.min(next, sentBy(this.#clock.now(), startMs, baud));
        this.#freeMs = startMs + left * byteMs(baud);
        if (this.#carries(baud)) this.#uart.hear({ bytes: bytes.subarray(sent, left), baud, endMs: this.#freeMs });
        sent = left;
      }
    }
  }

  #arrived({ bytes, baud, startMs }: Sending): number {
    return Math.min(bytes.length, sentBy(this.#clock.now(), startMs, baud));
  }

  /** Whether bytes at `baud` get through here at all. */
  #carries(baud: number): boolean {
    const { wiring, link } = this.#options;
    return this.#uart.cable === this && wiring.txRx === "ok" && Math.max(baud, this.#baud) <= link.maxBaud;
  }
}
