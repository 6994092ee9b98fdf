import type { Fault, Measurement, RunEvent, Verdict } from "../harness/base/events.js";
import { RunFold } from "./fold.js";

/** One case as it went. Times are milliseconds on the run's clock. */
export interface Row {
  readonly case: string;
  readonly scenario: string;
  readonly rig: string;
  readonly verdict: Verdict;
  /** When it started, counted from the start of the run. */
  readonly startMs: number;
  readonly ms: number;
  /** Why it was skipped or aborted, or what stays unproven. */
  readonly reason?: string;
  readonly fault?: Fault;
  readonly properties: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
  readonly stages: readonly Stage[];
  readonly attachments: readonly Attachment[];
  readonly notes: readonly string[];
  readonly steps: readonly Step[];
}

interface Stage {
  readonly stage: string;
  readonly ms: number;
  readonly bytes?: number;
}

/** `file` is relative to the run's folder. */
interface Attachment {
  readonly name: string;
  readonly file: string;
}

/** `ok` is `undefined` for a step that never ended. */
interface Step {
  readonly step: string;
  readonly ok: boolean | undefined;
}

/** What every report is rendered from. */
export interface RunSummary {
  readonly runId: string;
  /** When the run started: ISO 8601 with Z. */
  readonly wallTime: string;
  readonly seed: number;
  /** The version of the harness. */
  readonly harness: string;
  readonly rigs: readonly string[];
  /** The run was stopped, or killed before it could say that it ended. */
  readonly interrupted: boolean;
  /** In the order in which the cases started. */
  readonly rows: readonly Row[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Rigs that could not be made safe. */
  readonly retired: readonly { readonly rig: string; readonly fault: Fault }[];
  readonly ms: number;
}

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
  const { counts, rows, interrupted, retired } = summary;
  if (counts.failed > 0) return 1;
  if (counts.broken > 0 || counts.aborted > 0 || interrupted || retired.length > 0) return 2;
  return counts.skipped === rows.length ? 2 : 0;
}
