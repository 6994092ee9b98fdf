import type { Clock } from "../../base/time.js";
import { type Sleeper, Sleepers } from "./sleepers.js";

/** A longer jump waits for files that are being read or written: their time is real. */
const OUTRUN_MS = 50;

/**
 * A clock that jumps to the next sleeper as soon as nothing else is runnable. Every jump lies behind a
 * `setImmediate`, so that signals and files get their turn. For simulated rigs only: it would outrun a real port.
 */
export class VirtualClock implements Clock {
  /**
   * The same time for the module's side: its sleepers wake in their turn, but time goes on only while somebody else
   * sleeps too. A module that prints for ever would otherwise keep the process running when its host has gone.
   */
  readonly background: Clock = { now: () => this.#nowMs, sleep: (ms, signal) => this.#sleep(ms, signal, false) };
  #nowMs = 0;
  #order = 0;
  #armed = false;
  #foreground = 0;
  readonly #sleepers = new Sleepers();

  now(): number {
    return this.#nowMs;
  }

  /** How many sleep: a test's way to see that nobody was left behind. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Sleepers of the same time wake in the order in which they went to sleep. An infinite sleep ends by its signal only. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#sleep(ms, signal, true);
  }

  #sleep(ms: number, signal: AbortSignal | undefined, foreground: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        if (foreground) this.#foreground--;
      };
      const abort = () => {
        this.#sleepers.remove(sleeper);
        leave();
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        leave();
        resolve();
      };
      const sleeper: Sleeper = { dueMs: this.#nowMs + (ms > 0 ? ms : 0), order: this.#order++, wake, at: -1 };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.add(sleeper);
      if (foreground) this.#foreground++;
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      this.#jump();
    });
  }

  #jump(): void {
    const { next } = this.#sleepers;
    if (next === undefined || this.#foreground === 0 || next.dueMs === Number.POSITIVE_INFINITY) return;
    if (next.dueMs - this.#nowMs <= OUTRUN_MS || !filesAreBusy()) {
      this.#sleepers.remove(next);
      this.#nowMs = next.dueMs;
      next.wake();
    }
    this.#arm();
  }
}

/** What node calls a file operation under way: promises, callbacks, and the closing of a file handle. */
const FILE_WORK: readonly string[] = ["FSReqPromise", "FSReqCallback", "CloseReq"];

const filesAreBusy = (): boolean => process.getActiveResourcesInfo().some((resource) => FILE_WORK.includes(resource));
