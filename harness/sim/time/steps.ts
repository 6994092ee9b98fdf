import type { Stop } from "../../base/stop.js";
import type { Clock } from "../../base/time.js";

/** What is done at the end of a sleep. @returns how long to sleep on, in ms; `undefined`: it was the last. Throws nothing. */
export type Step = () => number | undefined;

/** A clock on which a sleep of many steps costs little more than one of one: a page of flash is one step. */
export interface SteppingClock extends Clock {
  steps(ms: number, step: Step, signal?: Stop): Promise<void>;
}

const isStepping = (clock: Clock): clock is SteppingClock => "steps" in clock;

/** Sleeps `ms`, then for as long as each `step` says, on any clock. */
export async function inSteps(clock: Clock, ms: number, step: Step, signal: Stop): Promise<void> {
  if (isStepping(clock)) return clock.steps(ms, step, signal);
  for (let next: number | undefined = ms; next !== undefined; next = step()) await clock.sleep(next, signal);
}
