import { setImmediate } from "node:timers/promises";
import { hear, OneStop, type Stop, unhear } from "../../base/stop.js";
import type { Clock } from "../../base/time.js";
import { type Sleeper, Sleepers } from "./sleepers.js";

/** A longer wait is done in pieces: a timer of node holds no more. */
const LONGEST_MS = 2 ** 31 - 1;
/** Why a wait ends early. */
const SOONER = "sooner";

/** How a clock keeps to real time, in ms. */
export interface Punctuality {
  /** The last part of a wait is not left to a timer, which may be late: a core is busy with it. Default: 0. */
  readonly spinMs?: number;
  /**
   * Sleepers are woken so much early, and find their own time all the same: what they then cost this process is over by when it
   * comes. Whatever they let out waits for its time by `reach`. What comes from outside meanwhile finds the time of whom was
   * woken last, and is late by so much at most. Default: 0.
   */
  readonly aheadMs?: number;
}

/**
 * Real time on an absolute schedule, for a simulated module behind a real port. A timer wakes a sleeper late, by a
 * millisecond or more; here it then finds the time for which it had asked, so that its next sleep counts from there:
 * a thousand pages of 0.7 ms take 700 ms. Time never passes a sleeper who was not woken yet, and never goes back.
 */
export class SteadyClock implements Clock {
  readonly #real: Clock;
  readonly #spinMs: number;
  readonly #aheadMs: number;
  readonly #sleepers = new Sleepers();
  #order = 0;
  #running = false;
  /** The time of the one who was woken last, until all that it does at once is done. */
  #actingMs: number | undefined;
  /** The time of the one who was woken last: it may lie ahead. */
  #reachedMs = Number.NEGATIVE_INFINITY;
  #alarm = new OneStop();

  constructor(real: Clock, { spinMs = 0, aheadMs = 0 }: Punctuality = {}) {
    this.#real = real;
    this.#spinMs = spinMs;
    this.#aheadMs = aheadMs;
  }

  now(): number {
    const realMs = Math.min(this.#real.now(), this.#sleepers.next?.dueMs ?? Number.POSITIVE_INFINITY);
    return this.#actingMs ?? Math.max(this.#reachedMs, realMs);
  }

  /** Whether real time has come to `ms` of this clock. */
  hasReached(ms: number): boolean {
    return this.#real.now() >= ms;
  }

  /** Resolves once real time has come to `ms` of this clock, where it is not past it: what leaves the module does so no sooner. */
  async reach(ms: number): Promise<void> {
    for (let leftMs = ms - this.#real.now(); leftMs > 0; leftMs = ms - this.#real.now())
      await (leftMs > this.#spinMs ? this.#real.sleep(leftMs - this.#spinMs) : setImmediate());
  }

  /** What takes no time does not wait for a turn of the event loop, unless somebody else's time has come. */
  sleep(ms: number, signal?: Stop): Promise<void> {
    const { next } = this.#sleepers;
    if (!(ms > 0) && !signal?.aborted && (next === undefined || next.dueMs > this.now())) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        this.#sleepers.remove(sleeper);
        this.#alarm.abort(SOONER);
        reject(signal?.reason);
      };
      const wake = () => {
        if (signal !== undefined) unhear(signal, abort);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: this.now() + (ms > 0 ? ms : 0), order: this.#order++, wake, at: -1 };
      if (signal !== undefined) hear(signal, abort);
      this.#sleepers.add(sleeper);
      if (this.#sleepers.next === sleeper) this.#alarm.abort(SOONER);
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let next = this.#sleepers.next; next !== undefined; next = this.#sleepers.next) {
      const leftMs = next.dueMs - this.#aheadMs - this.#real.now();
      // Who is woken early may be woken a little late.
      const spinMs = this.#aheadMs > 0 ? 0 : this.#spinMs;
      if (leftMs > spinMs) await this.#wait(Math.min(leftMs - spinMs, LONGEST_MS));
      else if (leftMs > 0) await setImmediate();
      else await this.#serve(next);
    }
    this.#running = false;
  }

  /** Until the time is over, or somebody sleeps less long, or nobody sleeps any more. */
  async #wait(ms: number): Promise<void> {
    this.#alarm = new OneStop();
    await this.#real.sleep(ms, this.#alarm).catch(() => undefined);
  }

  async #serve(sleeper: Sleeper): Promise<void> {
    this.#sleepers.remove(sleeper);
    this.#actingMs = sleeper.dueMs;
    this.#reachedMs = sleeper.dueMs;
    sleeper.wake();
    await setImmediate();
    this.#actingMs = undefined;
  }
}
