import type { RunEvent } from "../harness/base/events.js";
import { RunFold } from "./fold.js";
import type { RunSummary } from "./row.js";

/** @throws HarnessError RUN_UNREADABLE when there is no `run.started`. */
export function summarize(events: Iterable<RunEvent>): RunSummary {
  const run = new RunFold();
  for (const event of events) run.add(event);
  return run.summary();
}

/**
 * What the run says to the shell: 1, the module or its firmware is at fault; 2, the harness could not judge;
 * 0, nothing to complain of. A run ended by a signal is the caller's: it knows which.
 */
export function exitCodeOf(summary: RunSummary): 0 | 1 | 2 {
  const { counts, rows, interrupted, retired, strays } = summary;
  if (counts.failed > 0) return 1;
  if (counts.broken > 0 || counts.aborted > 0 || interrupted || retired.length + strays.length > 0) return 2;
  return counts.skipped === rows.length ? 2 : 0;
}
