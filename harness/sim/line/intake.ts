import { HarnessError } from "../../base/errors.js";
import { type Clock, Deadline } from "../../base/time.js";
import { view } from "../../protocol/fields.js";
import { decodeFrame, type Frame } from "../../protocol/frames.js";
import type { Quirks } from "../quirks.js";
import { since, spacingMs, type Train } from "./train.js";
import type { Ear } from "./uart.js";

const HEADER_BYTES = 4;
const SYNC_BYTE = 0x55;

/**
 * How long after a packet's last byte the main loop takes the buffer; what came in by then goes with it. On the sister
 * chips it is a race: a stray byte behind a packet was lost, two packets at 2 MBd came to harm. Here both always happen.
 */
const TAKE_MS = 0.1;

/** Makes packets out of bytes, by length alone: the first four bytes after a packet are the next one's header. */
export class Intake implements Ear {
  readonly #clock: Clock;
  readonly #buffer: Uint8Array;
  #count = 0;
  #deafUntilMs = 0;
  #swallow: boolean;
  #waiting: ((frame: Frame) => void) | undefined;

  /** @param quirks see there: the most that a payload may have, and what 0x55 before the first packet is. */
  constructor(clock: Clock, { payloadLimit, strictAutoBaud }: Pick<Quirks, "payloadLimit" | "strictAutoBaud">) {
    this.#clock = clock;
    this.#buffer = new Uint8Array(HEADER_BYTES + payloadLimit);
    this.#swallow = !strictAutoBaud;
  }

  /** The next whole packet, or `undefined` after `ms` without one. What there is of it by then is kept. */
  async next(ms: number, signal: AbortSignal): Promise<Frame | undefined> {
    const here = this.#take(this.#clock.now());
    if (here !== undefined) return here;
    const arrival = new Promise<Frame>((resolve) => {
      this.#waiting = resolve;
    });
    try {
      return await Deadline.in(ms, "the next packet", this.#clock, signal).race(arrival);
    } catch (error) {
      if (error instanceof HarnessError && !signal.aborted) return undefined;
      throw error;
    } finally {
      this.#waiting = undefined;
    }
  }

  /** A packet that is longer than the buffer is never complete: what comes goes nowhere. */
  appetite(): number {
    const wanted = this.#wanted;
    return wanted > this.#buffer.length || this.#count === wanted ? Number.POSITIVE_INFINITY : wanted - this.#count;
  }

  hear(train: Train): void {
    let left = this.#withoutSync(since(train, this.#deafUntilMs));
    while (left.bytes.length > 0 && this.appetite() < Number.POSITIVE_INFINITY) {
      const piece = left.bytes.subarray(0, this.appetite());
      this.#buffer.set(piece, this.#count);
      this.#count += piece.length;
      left = { ...left, bytes: left.bytes.subarray(piece.length) };
      if (this.#waiting === undefined) continue;
      const frame = this.#take(left.endMs - left.bytes.length * spacingMs(left));
      if (frame === undefined) continue;
      this.#waiting(frame);
      this.#waiting = undefined;
      left = since(left, this.#deafUntilMs);
    }
  }

  /** An answer is out: by then the main loop has taken the buffer in any case. */
  taken(): void {
    this.#deafUntilMs = Math.min(this.#deafUntilMs, this.#clock.now());
  }

  get #wanted(): number {
    return this.#count < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + view(this.#buffer).getUint16(2, true);
  }

  #take(nowMs: number): Frame | undefined {
    const found = decodeFrame(this.#buffer.subarray(0, this.#count));
    if (found === undefined) return undefined;
    this.#count = 0;
    this.#deafUntilMs = nowMs + TAKE_MS;
    return found.frame;
  }

  #withoutSync(train: Train): Train {
    if (!this.#swallow) return train;
    const start = train.bytes.findIndex((byte) => byte !== SYNC_BYTE);
    if (start < 0) return { ...train, bytes: new Uint8Array() };
    this.#swallow = false;
    return { ...train, bytes: train.bytes.subarray(start) };
  }
}
