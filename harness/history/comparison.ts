import type { StageChange } from "../stats/compare-times.js";
import { type ChangedCase, changesOf, exitCodeOfChanges } from "./changes.js";
import { doubtsOf } from "./doubts.js";
import type { PastJudgement } from "./history.js";
import type { Judged, JudgedRun } from "./judged.js";
import { failsSince, type Since } from "./since.js";
import { isRegression, timingOf } from "./timing.js";

/** One run held against another. */
export interface Comparison {
  readonly before: Pick<JudgedRun, "runId" | "wallTime">;
  readonly now: Pick<JudgedRun, "runId" | "wallTime">;
  readonly changes: readonly (ChangedCase & { readonly since?: Since })[];
  readonly timing: readonly StageChange[];
  /** Why nothing that was found is no proof that nothing is worse: the exit code is 2 then, and not 0. */
  readonly doubts: readonly string[];
  readonly exitCode: 0 | 1 | 2;
}

/** @param past verdicts of a scenario, from the history: see `failsSince`. */
export function compareRuns(
  before: JudgedRun,
  now: JudgedRun,
  past: (scenario: string, simulated: boolean) => readonly PastJudgement[] = () => [],
): Comparison {
  // Asked once for each scenario that has a failure.
  const asked = new Map<string, readonly PastJudgement[]>();
  const pastOf = (scenario: string) => {
    const found = asked.get(scenario) ?? past(scenario, now.simulated);
    asked.set(scenario, found);
    return found;
  };
  const since = (each: Judged | undefined) =>
    each?.verdict === "failed" ? failsSince(each, [...now.cases, ...before.cases], pastOf(each.scenario)) : undefined;
  const changes = changesOf(before.cases, now.cases).map((each) => {
    const found = since(each.now);
    return found === undefined ? each : { ...each, since: found };
  });
  // What a simulated module takes and what a real one takes say nothing of each other.
  const timing = before.simulated === now.simulated ? timingOf(before.cases, now.cases) : [];
  const doubts = doubtsOf(before, now, changes);
  return {
    before: { runId: before.runId, wallTime: before.wallTime },
    now: { runId: now.runId, wallTime: now.wallTime },
    changes,
    timing,
    doubts,
    exitCode: timing.some(isRegression) ? 1 : exitCodeOfChanges(changes) || (doubts.length > 0 ? 2 : 0),
  };
}
