// As in base/time: the global ones may be others.
import { performance } from "node:perf_hooks";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import { hear, type Stop, unhear } from "../../base/stop.js";
import type { Clock } from "../../base/time.js";
import { type Sleeper, Sleepers } from "./sleepers.js";
import type { Step, SteppingClock } from "./steps.js";

/** A longer jump waits for files that are being read or written: their time is real. */
const OUTRUN_MS = 50;

/** Short jumps that a turn of the event loop has at most: a turn costs as much as all else of a jump. */
const JUMPS_A_TURN = 16;

/** A timer of node holds no more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A clock that jumps to the next sleeper as soon as nothing else is runnable. Every jump lies behind a
 * `setImmediate`, so that all that the one before has set off is done, and after a few of them signals and files get
 * their turn; before a long one in any case. For simulated rigs only: it would outrun a real port.
 * While only those sleep who wait along (`background`), somebody waits for something real: then it keeps real time.
 */
export class VirtualClock implements Clock {
  /**
   * The same time for the module's side, and for a case's own limit: its sleepers wake in their turn, but time jumps
   * only while somebody else sleeps too. They keep no process running: a module may print for ever.
   */
  readonly background: SteppingClock = {
    now: () => this.now(),
    sleep: (ms, signal) => this.#sleep(ms, once, signal, false),
    steps: (ms, step, signal) => this.#sleep(ms, step, signal, false),
  };
  /** At the last jump, or when real time was last looked at. */
  #nowMs = 0;
  /** Real time then, while it is kept. */
  #realMs: number | undefined;
  #alarm: NodeJS.Timeout | undefined;
  #order = 0;
  /** The jumps that this turn of the event loop, or the next, may have. */
  #turn: { left: number } | undefined;
  #foreground = 0;
  /** Work for which it stands still. */
  #held = 0;
  readonly #sleepers = new Sleepers();

  now(): number {
    if (this.#realMs === undefined) return this.#nowMs;
    const passed = performance.now() - this.#realMs;
    return Math.min(
      this.#nowMs + passed,
      Math.max(this.#nowMs, this.#sleepers.next?.dueMs ?? Number.POSITIVE_INFINITY),
    );
  }

  /** How many sleep: a test's way to see that nobody was left behind. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  async standStill<T>(work: Promise<T>): Promise<T> {
    this.#leaveRealTime();
    this.#held++;
    try {
      return await work;
    } finally {
      this.#held--;
      this.#arm();
    }
  }

  /** Sleepers of the same time wake in the order in which they went to sleep. An infinite sleep ends by its signal only. */
  sleep(ms: number, signal?: Stop): Promise<void> {
    return this.#sleep(ms, once, signal, true);
  }

  #sleep(ms: number, step: Step, signal: Stop | undefined, foreground: boolean): Promise<void> {
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
      const lieDown = (ms: number) => {
        sleeper.dueMs = this.now() + (ms > 0 ? ms : 0);
        sleeper.order = this.#order++;
        this.#sleepers.add(sleeper);
      };
      const wake = () => {
        const nextMs = step();
        if (nextMs !== undefined) return lieDown(nextMs);
        if (signal !== undefined) unhear(signal, abort);
        leave();
        resolve();
      };
      const sleeper: Sleeper = { dueMs: 0, order: 0, wake, at: -1 };
      if (signal !== undefined) hear(signal, abort);
      lieDown(ms);
      if (foreground) this.#foreground++;
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#turn !== undefined) return;
    const turn = { left: JUMPS_A_TURN };
    this.#turn = turn;
    const jump = () => {
      if (this.#turn === turn) this.#jump(turn.left-- === JUMPS_A_TURN, turn.left === 0);
    };
    for (let jumps = 0; jumps < JUMPS_A_TURN; jumps++) setImmediate(jump);
  }

  #jump(isFirst: boolean, isLast: boolean): void {
    const { next } = this.#sleepers;
    if (this.#held > 0 || next === undefined || next.dueMs === Number.POSITIVE_INFINITY) {
      this.#turn = undefined;
      return;
    }
    if (this.#foreground === 0) {
      this.#turn = undefined;
      this.#keepRealTime(next.dueMs);
      return;
    }
    this.#leaveRealTime();
    const isShort = next.dueMs - this.#nowMs <= OUTRUN_MS;
    const jumps = isShort || (isFirst && !filesAreBusy());
    if (jumps) this.#wake(next);
    if (jumps && !isLast) return;
    this.#turn = undefined;
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
    if (this.#realMs === undefined) return;
    this.#nowMs = this.now();
    this.#realMs = undefined;
    clearTimeout(this.#alarm);
  }
}

/** The one step of a sleep. */
const once: Step = () => undefined;

/** What node calls a file operation under way: promises, callbacks, and the closing of a file handle. */
const FILE_WORK: readonly string[] = ["FSReqPromise", "FSReqCallback", "CloseReq"];

const filesAreBusy = (): boolean => process.getActiveResourcesInfo().some((resource) => FILE_WORK.includes(resource));
