import { decisionOf } from "../harness/stress/fold.js";
import type { CaseEntry, RunSummary } from "./row.js";

/**
 * The cases that passed only after another attempt, where the run was told that none may (`--fail-on-flaky`): one that had
 * failed counts as failed, one that was broken by us is ours.
 */
export const flakyIn = ({ cases, options }: RunSummary): readonly CaseEntry[] =>
  options?.["failOnFlaky"] === true ? cases.filter(({ flaky }) => flaky !== undefined) : [];

/** There were fewer cases than shards: this one had nothing to do, and that is no mistake of anybody's. */
export const isEmptyShard = ({ shard, planned, cases, interrupted, retired, strays }: RunSummary): boolean =>
  shard !== undefined && planned + cases.length === 0 && !interrupted && retired.length + strays.length === 0;

/** Not every point of a sweep was judged. */
export const isMapCut = ({ sweep, counts, planned }: RunSummary): boolean =>
  sweep !== undefined && counts.passed < planned;

/**
 * What the run says to the shell: 1, the module or its firmware is at fault; 2, the harness could not judge;
 * 0, nothing to complain of. A stress run says what became of its modules: rejected, undecided,
 * accepted; a comparison of two firmwares whether one is worse; a sweep has a point left out of its map. A run ended by a signal is the caller's: it knows which.
 */
export function exitCodeOf(summary: RunSummary): 0 | 1 | 2 {
  const { counts, cases, interrupted, retired, strays, stress, ab } = summary;
  const isSpoiled = interrupted || retired.length + strays.length > 0;
  if (stress !== undefined) {
    const decision = decisionOf(stress);
    if (decision === "reject") return 1;
    return decision === "undecided" || isSpoiled ? 2 : 0;
  }
  if (ab !== undefined) {
    if (ab.decision === "failed" || ab.decision === "regressed") return 1;
    return ab.decision === "too few" || isSpoiled ? 2 : 0;
  }
  const flaky = flakyIn(summary).map((entry) => entry.flaky);
  if (counts.failed > 0 || flaky.includes("failed")) return 1;
  if (isEmptyShard(summary)) return 0;
  if (counts.broken > 0 || counts.aborted > 0 || isSpoiled) return 2;
  if (isMapCut(summary)) return 2;
  return counts.skipped === cases.length || flaky.includes("broken") ? 2 : 0;
}
