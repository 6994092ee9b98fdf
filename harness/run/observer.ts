import type { Aside, Emit } from "../base/events.js";
import type { Observer } from "../session/stage.js";

/**
 * Tells what happens to the module in a case as events of it.
 *
 * @param aside of what is done beside the case itself, with another firmware than its own.
 */
export const observerOf = (emit: Emit, name: string, aside?: Aside): Observer => ({
  stage: ({ stage, ...rest }) =>
    emit({ type: "stage", case: name, stage: aside ? `${aside}: ${stage}` : stage, ...rest, ms: round(rest.ms) }),
  waiting: (what, mostMs) => emit({ type: "waiting", case: name, what, mostMs }),
  rung: (rung, what, ok) => emit({ type: "rung", case: name, rung, what, ok }),
  recovered: (state, rung) => emit({ type: "recovered", case: name, state, rung }),
  wear: (erase) => emit({ type: "wear", case: name, ...erase }),
  note: (message, again) =>
    emit({ type: "note", case: name, message, trouble: true, ...(again !== undefined && { again: true }) }),
});

/** To the microsecond: what lies below is binary noise of the clock. */
export const round = (value: number): number => Math.round(value * 1000) / 1000;
