import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Plan } from "../flash/plan.js";
import type { Expected } from "../flash/prove.js";
import type { Observer } from "../session/stage.js";

/** Known-good firmware: what the last rung programs. */
export interface Reference {
  readonly plan: Plan;
  readonly expected: Expected;
}

/** How far trouble is followed up the ladder. From rung 7 on the whole flash is lost: only where that is allowed. */
export interface Recovery {
  /** 0 to 8. */
  readonly top: number;
  readonly reference?: Reference | undefined;
}

/** A command at the bench: as far as the flash stays as it is. */
export const AT_THE_BENCH: Recovery = { top: 4 };
/** A suite that nobody watches: a power cycle, where the rig can, is the last that changes nothing. */
export const IN_A_SUITE: Recovery = { top: 5 };
/** Where the ladder itself is at work. */
export const NO_LADDER: Recovery = { top: 0 };

/** Whether a plan forbids to erase the whole chip: it keeps a range of it, or lets nothing be erased at all. */
export const spares = ({ keeps, steps }: Pick<Plan, "keeps" | "steps">): boolean =>
  keeps.length > 0 || !steps.some(({ op }) => op === "erase" || op === "erase-chip");

/** The same, without the rungs on which something would be lost that a plan spares. */
export const sparing = (recovery: Recovery, plan: Pick<Plan, "keeps" | "steps">): Recovery =>
  spares(plan) ? { ...recovery, top: Math.min(recovery.top, FIRST_DESTRUCTIVE - 1) } : recovery;

export const LAST_RUNG = 8;
/** From here on a module was more than asked again. */
const FIRST_RECOVERY = 3;
/** The first rung that erases. */
export const FIRST_DESTRUCTIVE = 7;

/** What each rung may take, in milliseconds: several times what it needs. Rung 2 sits out 21 s, the last one flashes. */
const BUDGETS_MS = [0, 30_000, 60_000, 60_000, 60_000, 60_000, 60_000, 300_000, 1_200_000];

/**
 * One rung: what it gives, or `undefined` when the trouble is still there. Each is told, with its outcome. What is not
 * the module's or the line's (a lost port, an abort, all time being up) is thrown: no rung helps against it.
 */
export async function rung<T>(
  number: number,
  what: string,
  deadline: Deadline,
  observer: Observer,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T | undefined> {
  const own = deadline.within(BUDGETS_MS[number] ?? 0, `rung ${number}`);
  try {
    const result = await work(own);
    observer.rung?.(number, what, true);
    observer.recovered?.(number < FIRST_RECOVERY ? "ok after retry" : "recovered", number);
    return result;
  } catch (error) {
    observer.rung?.(number, what, false);
    if (mayBeHelped(error)) return undefined;
    throw error;
  }
}

/** A rung that was climbed, as evidence has it. */
export const tellRung = (number: number, what: string, ok: boolean): string =>
  `${number} ${what}: ${ok ? "helped" : "did not help"}`;

/** A rung, and what is done on it; no `work`: this rig has no such thing. */
export interface Rung<T> {
  readonly number: number;
  readonly what: string;
  readonly work: ((deadline: Deadline) => Promise<T>) | undefined;
}

/**
 * Climbs from rung to rung, to `top` at most, until one helps. A module that the last one did not help is called bricked.
 *
 * @returns the rung that helped and what it gave; `undefined`: none did.
 */
export async function climbRungs<T>(
  rungs: readonly Rung<T>[],
  top: number,
  deadline: Deadline,
  observer: Observer,
): Promise<{ readonly number: number; readonly result: T } | undefined> {
  for (const { number, what, work } of rungs) {
    if (number > top) return undefined;
    if (work === undefined) {
      observer.rung?.(number, `${what}: this rig has none`, false);
      continue;
    }
    const result = await rung(number, what, deadline, observer, work);
    if (result !== undefined) return { number, result };
  }
  if (top >= LAST_RUNG) observer.recovered?.("bricked", LAST_RUNG);
  return undefined;
}

/** No erase cures a line: the rungs that lose the flash are for trouble of the module alone. */
export const isOfTheModule = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && (error.blame === "module" || error.blame === "firmware");

/** Whether a rung could change anything about it. */
export const mayBeHelped = (error: unknown): error is HarnessError =>
  error instanceof HarnessError &&
  (["module", "firmware", "link"].includes(error.blame) || error.code === "NOT_IN_ROM");
