import type { Clock } from "../../base/time.js";
import { type Sleeper, Sleepers } from "./sleepers.js";

/** A longer jump waits for files that are being read or written: their time is real. */
const OUTRUN_MS = 50;

/** A timer of node holds no more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A clock that jumps to the next sleeper as soon as nothing else is runnable. Every jump lies behind a
 * `setImmediate`, so that signals and files get their turn. For simulated rigs only: it would outrun a real port.
 * While only those sleep who wait along (`background`), somebody waits for something real: then it keeps real time.
 */
export class VirtualClock implements Clock {
  /**
   * The same time for the module's side, and for a case's own limit: its sleepers wake in their turn, but time jumps
   * only while somebody else sleeps too. They keep no process running: a module may print for ever.
   */
  readonly background: Clock = { now: () => this.now(), sleep: (ms, signal) => this.#sleep(ms, signal, false) };
  /** At the last jump, or when real time was last looked at. */
  #nowMs = 0;
  /** Real time then, while it is kept. */
  #realMs: number | undefined;
  #alarm: NodeJS.Timeout | undefined;
  #order = 0;
  #armed = false;
  #foreground = 0;
  readonly #sleepers = new Sleepers();

  now(): number {
    const passed = this.#realMs === undefined ? 0 : performance.now() - this.#realMs;
    return Math.min(
      this.#nowMs + passed,
      Math.max(this.#nowMs, this.#sleepers.next?.dueMs ?? Number.POSITIVE_INFINITY),
    );
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
      const sleeper: Sleeper = { dueMs: this.now() + (ms > 0 ? ms : 0), order: this.#order++, wake, at: -1 };
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
    if (next === undefined || next.dueMs === Number.POSITIVE_INFINITY) return;
    if (this.#foreground === 0) {
      this.#keepRealTime(next.dueMs);
      return;
    }
    this.#leaveRealTime();
    if (next.dueMs - this.#nowMs <= OUTRUN_MS || !filesAreBusy()) this.#wake(next);
    this.#arm();
  }

  #wake(next: Sleeper): void {
    this.#sleepers.remove(next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.wake();
  }

  #keepRealTime(dueMs: number): void {
    this.#nowMs = this.now();
    this.#realMs = performance.now();
    clearTimeout(this.#alarm);
    this.#alarm = setTimeout(() => this.#awake(), Math.min(dueMs - this.#nowMs, LONGEST_MS)).unref();
  }

  /** A timer of node may fire early, by a fraction of a millisecond: then it is set again. */
  #awake(): void {
    const { next } = this.#sleepers;
    const isDue = next !== undefined && next.dueMs <= this.now();
    this.#leaveRealTime();
    if (isDue) this.#wake(next);
    this.#arm();
  }

  #leaveRealTime(): void {
    this.#nowMs = this.now();
    this.#realMs = undefined;
    clearTimeout(this.#alarm);
  }
}

/** What node calls a file operation under way: promises, callbacks, and the closing of a file handle. */
const FILE_WORK: readonly string[] = ["FSReqPromise", "FSReqCallback", "CloseReq"];

const filesAreBusy = (): boolean => process.getActiveResourcesInfo().some((resource) => FILE_WORK.includes(resource));
