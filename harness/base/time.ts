// The global ones may be others: a scenario that forgets its fake timers must not stop ours.
import { performance } from "node:perf_hooks";
import { nextTick } from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import { type ErrorCode, HarnessError } from "./errors.js";
import { hear, OneStop, type Stop, unhear } from "./stop.js";

/** The only way to tell or to spend time. `SystemClock` is real; the simulator's clock jumps. */
export interface Clock {
  /** Milliseconds since an arbitrary start, with fractions; never goes back. */
  now(): number;
  /** Resolves no earlier than after `ms`, or rejects with `signal.reason` as soon as `signal` aborts. */
  sleep(ms: number, signal?: Stop): Promise<void>;
  /** Of a clock that jumps: the same time for those who only wait along. It jumps for nobody who sleeps here. */
  readonly background?: Clock;
  /** Of a clock that jumps: what this process computes in another thread takes no time on it, as nothing that it computes does. */
  standStill?<T>(work: Promise<T>): Promise<T>;
}

/** A timer of node holds no more: a longer one ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Real time, from node's timers. */
export class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  /** A node timer may fire early (99.34 ms seen for 100), so what is missing is waited for again. */
  async sleep(ms: number, signal?: Stop): Promise<void> {
    const due = this.now() + ms;
    for (let left = ms; left > 0; left = due - this.now()) await timer(Math.min(left, LONGEST_MS), signal);
    if (signal?.aborted) throw signal.reason;
  }
}

function timer(ms: number, signal: Stop | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = setTimeout(() => {
      if (signal !== undefined) unhear(signal, abort);
      resolve();
    }, ms);
    if (signal !== undefined) hear(signal, abort);
  });
}

/** How long work may still go on, and whether it was called off: the last argument of everything slow. */
export class Deadline {
  readonly clock: Clock;
  /** Aborts when the work is called off. It does not abort when time is up: use `race` or `remainingMs`. */
  readonly signal: AbortSignal;
  readonly #end: number;
  readonly #budgetMs: number;
  readonly #what: string;
  readonly #code: ErrorCode;

  private constructor(clock: Clock, end: number, what: string, signal: AbortSignal, code: ErrorCode) {
    this.clock = clock;
    this.#end = end;
    this.#budgetMs = end - clock.now();
    this.#what = what;
    this.signal = signal;
    this.#code = code;
  }

  /** @param code the error that `race` rejects with once time is up. */
  static in(
    ms: number,
    what: string,
    clock: Clock,
    signal: AbortSignal = new AbortController().signal,
    code: ErrorCode = "COMMAND_TIMEOUT",
  ): Deadline {
    return new Deadline(clock, clock.now() + ms, what, signal, code);
  }

  /** A tighter deadline for a part of the work. A part that wants longer than the whole gets the whole's end, name and code. */
  within(ms: number, what: string, code: ErrorCode = "COMMAND_TIMEOUT"): Deadline {
    const end = this.clock.now() + ms;
    return end < this.#end ? new Deadline(this.clock, end, what, this.signal, code) : this;
  }

  get remainingMs(): number {
    return Math.max(0, this.#end - this.clock.now());
  }

  /** Sleeps, but no longer than time allows. @throws the deadline's error when time is up before. */
  async sleep(ms: number): Promise<void> {
    if (ms <= this.remainingMs) return this.clock.sleep(ms, this.signal);
    await this.clock.sleep(this.remainingMs, this.signal);
    throw this.expired();
  }

  expired(): HarnessError {
    return new HarnessError(this.#code, `${this.#what} took longer than ${Math.round(this.#budgetMs)} ms`);
  }

  /** As `race`, for work that may wait for something real: a clock that jumps keeps real time while nobody else sleeps. */
  raceAlong<T>(work: Promise<T>): Promise<T> {
    return this.race(work, this.clock.background ?? this.clock);
  }

  /**
   * Settles as `work` does, or rejects once time is up or the work is called off. It leaves no timer or listener behind,
   * but whoever waits goes on first: every answer of a flash is waited for here, and the next command is not to wait for that.
   */
  race<T>(work: Promise<T>, clock: Clock = this.clock): Promise<T> {
    const { signal } = this;
    const stop = new OneStop();
    const abort = () => stop.abort(signal.reason);
    hear(signal, abort);
    if (signal.aborted) abort();
    const leave = () => {
      unhear(signal, abort);
      stop.abort("settled");
    };
    const leaveLater = () => nextTick(leave);
    // Nothing is hung on the promise itself: that a rejection of it is awaited by nobody must be seen.
    return new Promise<T>((resolve, reject) => {
      const expire = () => reject(this.expired());
      void work.then(resolve, reject).then(leaveLater);
      void clock.sleep(this.remainingMs, stop).then(expire, reject).then(leaveLater);
    });
  }
}

/** Milliseconds as they are told: to the microsecond, without the noise of binary fractions. */
export const wholeMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;
