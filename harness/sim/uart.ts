import type { Clock } from "../base/time.js";
import { resample } from "./sampling.js";
import { until } from "./until.js";

/** Bytes on the line, back to back. `endMs` is when the last one's stop bit ends. */
export interface Train {
  readonly bytes: Uint8Array;
  readonly baud: number;
  readonly endMs: number;
}

/** One byte with its start and stop bit, in milliseconds. */
export const byteMs = (baud: number): number => 10_000 / baud;

/** Less than this part of a byte is rounding, not time. */
const SLACK = 0.001;

/** How many of the bytes that began at `startMs` have left by `nowMs`. */
export const sentBy = (nowMs: number, startMs: number, baud: number): number =>
  Math.max(0, Math.floor((nowMs - startMs) / byteMs(baud) + SLACK));

/** What of `train` had not arrived by `ms`; `whole`: what had not begun by then. */
export function since({ bytes, baud, endMs }: Train, ms: number, whole = false): Train {
  const late = (endMs - ms) / byteMs(baud);
  const count = whole ? Math.floor(late + SLACK) : Math.ceil(late - SLACK);
  return { bytes: bytes.subarray(bytes.length - Math.min(bytes.length, Math.max(0, count))), baud, endMs };
}

/** Whoever listens on the module's side: auto-baud, a session, or nobody. */
export interface Ear {
  /** After how many further bytes it wants to be told. */
  appetite(): number;
  hear(train: Train): void;
}

/** The far end of the line. */
export interface Cable {
  begin(bytes: Uint8Array, baud: number): void;
  /** The module stops sending, done or cut off: what has not left by now never will. */
  end(): void;
}

/**
 * The module's UART. It hears nothing and says nothing while the module is off. A byte that began before somebody
 * listened is lost.
 */
export class Uart {
  /** `undefined`: it measures, so every rate is right. */
  baud: number | undefined;
  readonly #clock: Clock;
  #cable: Cable | undefined;
  #plug: () => void = () => undefined;
  #ear: Ear | undefined;
  #sinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The host that is plugged in: one at a time. */
  get cable(): Cable | undefined {
    return this.#cable;
  }

  set cable(cable: Cable | undefined) {
    this.#cable = cable;
    if (cable !== undefined) this.#plug();
  }

  /** Resolves once a host is plugged in. For one that talks for ever: a clock that jumps would never rest. */
  async plugged(signal: AbortSignal): Promise<void> {
    if (this.#cable !== undefined) return;
    const plug = new Promise<void>((resolve) => {
      this.#plug = resolve;
    });
    await until(plug, signal);
  }

  /** `undefined`: deaf. */
  listen(ear: Ear | undefined): void {
    this.#ear = ear;
    this.#sinceMs = this.#clock.now();
  }

  /** After how many further bytes at `baud` something may happen here. */
  appetite(baud: number): number {
    if (this.#ear === undefined || !this.#matches(baud)) return Number.POSITIVE_INFINITY;
    return Math.max(1, this.#ear.appetite());
  }

  hear(train: Train): void {
    const heard = since(train, this.#sinceMs, true);
    if (this.#ear === undefined || heard.bytes.length === 0) return;
    if (this.baud === undefined || this.#matches(heard.baud)) this.#ear.hear(heard);
    else this.#ear.hear({ ...heard, bytes: resample(heard.bytes, heard.baud, this.baud), baud: this.baud });
  }

  /** Resolves when the last bit has left. While the rate is not known there is nothing to say it with. */
  async say(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.baud === undefined) return;
    this.#cable?.begin(bytes, this.baud);
    await this.#clock.sleep(bytes.length * byteMs(this.baud), signal);
    this.#cable?.end();
  }

  /** Power or CHIP_EN has gone: a byte half sent is lost, and the rate is forgotten. */
  reset(): void {
    this.#cable?.end();
    this.listen(undefined);
    this.baud = undefined;
  }

  #matches(baud: number): boolean {
    return this.baud === undefined || sameBaud(baud, this.baud);
  }
}

/** A UART reads right as long as both clocks are at most a quarter of a bit apart after ten bits: 2.5 %. */
export const sameBaud = (a: number, b: number): boolean => Math.abs(a - b) <= 0.025 * Math.max(a, b);
