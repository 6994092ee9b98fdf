import type { Verdict } from "../../harness/base/events.js";
import type { StageChange } from "../../harness/stats/compare-times.js";

/** A run that is told of beside the one that the page is of. */
interface OtherRun {
  readonly runId: string;
  readonly wallTime: string;
}

/** A case that came to something else than in the run before. */
export interface PageChange {
  readonly case: string;
  readonly change: string;
  readonly before?: { readonly verdict: Verdict };
  readonly now?: { readonly verdict: Verdict; readonly code?: string };
  readonly since?: { readonly label: string; readonly passed?: string };
}

/** The run held against another one. */
interface PageComparison {
  readonly before: OtherRun;
  readonly changes: readonly PageChange[];
  readonly timing: readonly StageChange[];
  readonly doubts: readonly string[];
}

/** A past run of the same cases, or this one. */
interface PastRun extends OtherRun {
  readonly exitCode: number;
  readonly interrupted: boolean;
  readonly counts: Readonly<Record<Verdict, number>>;
}

/** What a stage took in past runs: medians, from the oldest run on. */
interface StageTrend {
  readonly stage: string;
  readonly points: readonly (OtherRun & { readonly firmware?: string; readonly medianMs: number })[];
}

/** What past runs say beside the run itself: the room that keeps them stands above this one, so it hands them in. */
export interface PagePast {
  readonly comparison?: PageComparison | undefined;
  /** From the oldest on. */
  readonly runs: readonly PastRun[];
  readonly stages: readonly StageTrend[];
}
