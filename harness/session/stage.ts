import type { Erase } from "../base/events.js";
import { type Deadline, wholeMicroseconds } from "../base/time.js";

/** One stage of what was done with a module, with its duration on the rig's clock. */
export interface Stage {
  readonly stage: string;
  readonly ms: number;
  /** Bytes of flash that it was about, where there are some. */
  readonly bytes?: number;
}

/** What became of a module that made trouble. */
export type Recovered = "ok after retry" | "recovered" | "bricked";

/** Who is told of stages as they end, and of progress within one. */
export interface Observer {
  /** A stage begins: it has no bytes of its own to count yet, and may never have any. */
  begin?(stage: string): void;
  stage(stage: Stage): void;
  /** `done` of `total` bytes of what `stage` is about. */
  progress?(stage: string, done: number, total: number): void;
  /** An answer is still awaited after some seconds: to what, and how long it is waited for, from the question on. */
  waiting?(what: string, mostMs: number): void;
  /** A rung of the recovery ladder, and whether it helped. */
  rung?(rung: number, what: string, ok: boolean): void;
  /** How the ladder ended: with a module that works again, by this rung, or with one that nothing helped. */
  recovered?(state: Recovered, rung: number): void;
  /** An erase is ordered: whether it goes well or not, the cells may have been erased. */
  wear?(erase: Erase): void;
  /** Something worth saying that fails nothing. `again`: it had gone wrong, and was begun once more. */
  note?(message: string, again?: "again"): void;
}

export const SILENT: Observer = { stage: () => undefined };

/** Measures stages on the deadline's clock and tells the observer of their begin, and of the end of those that succeed. */
export function stopwatch({ clock }: Deadline, observer: Observer) {
  return async <T>(stage: string, work: () => Promise<T>, bytes?: number): Promise<T> => {
    observer.begin?.(stage);
    const start = clock.now();
    const result = await work();
    observer.stage({ stage, ms: wholeMicroseconds(clock.now() - start), ...(bytes !== undefined && { bytes }) });
    return result;
  };
}
