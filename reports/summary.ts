import type { RunSummary } from "./row.js";

/**
 * What the run says to the shell: 1, the module or its firmware is at fault; 2, the harness could not judge;
 * 0, nothing to complain of. A run ended by a signal is the caller's: it knows which.
 *
 * @param failOnFlaky a case that failed and then passed counts as failed; one that was broken by us and then passed is ours.
 */
export function exitCodeOf(summary: RunSummary, failOnFlaky = false): 0 | 1 | 2 {
  const { counts, cases, interrupted, retired, strays } = summary;
  const flaky = failOnFlaky ? cases.map((entry) => entry.flaky) : [];
  if (counts.failed > 0 || flaky.includes("failed")) return 1;
  if (counts.broken > 0 || counts.aborted > 0 || interrupted || retired.length + strays.length > 0) return 2;
  return counts.skipped === cases.length || flaky.includes("broken") ? 2 : 0;
}
