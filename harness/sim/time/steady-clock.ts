import { setImmediate } from "node:timers/promises";
import { hear, OneStop, type Stop, unhear } from "../../base/stop.js";
import type { Clock } from "../../base/time.js";
import { type Sleeper, Sleepers } from "./sleepers.js";

/** A longer wait is done in pieces: a timer of node holds no more. */
const LONGEST_MS = 2 ** 31 - 1;
/** Why a wait ends early. */
const SOONER = "sooner";

/**
 * Real time on an absolute schedule, for a simulated module behind a real port. A timer wakes a sleeper late, by a
 * millisecond or more; here it then finds the time for which it had asked, so that its next sleep counts from there:
 * a thousand pages of 0.7 ms take 700 ms. Time never passes a sleeper who was not woken yet.
 */
export class SteadyClock implements Clock {
  readonly #real: Clock;
  readonly #spinMs: number;
  readonly #sleepers = new Sleepers();
  #order = 0;
  #running = false;
  /** The time of the one who was woken last, until all that it does at once is done. */
  #actingMs: number | undefined;
  #alarm = new OneStop();

  /** @param spinMs the last part of a wait, in ms, is not left to a timer, which may be late: a core is busy with it. */
  constructor(real: Clock, spinMs = 0) {
    this.#real = real;
    this.#spinMs = spinMs;
  }

  now(): number {
    return this.#actingMs ?? Math.min(this.#real.now(), this.#sleepers.next?.dueMs ?? Number.POSITIVE_INFINITY);
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
      const leftMs = next.dueMs - this.#real.now();
      if (leftMs > this.#spinMs) await this.#wait(Math.min(leftMs - this.#spinMs, LONGEST_MS));
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
    sleeper.wake();
    await setImmediate();
    this.#actingMs = undefined;
  }
}
