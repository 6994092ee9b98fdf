import type { AbResult } from "../harness/ab/fold.js";
import type { Erase, Fault, Measurement, SweepPlan, Verdict } from "../harness/base/events.js";
import type { StrapPoint } from "../harness/base/strap-timing.js";
import type { StressResult } from "../harness/stress/fold.js";

/** How one case went, in short: a run of many thousands is held in memory as these. Times are milliseconds on the run's clock. */
export interface CaseEntry {
  readonly case: string;
  readonly scenario: string;
  readonly rig: string;
  readonly verdict: Verdict;
  /** It passed in the end: the worst that an attempt before came to. */
  readonly flaky?: "failed" | "broken";
  /** When its last attempt started, counted from the start of the run. */
  readonly startMs: number;
  readonly ms: number;
  /** Why it was skipped or aborted, or what stays unproven. */
  readonly reason?: string;
  readonly fault?: Fault;
}

/** One case with all that happened in its last attempt. */
export interface Row extends CaseEntry {
  readonly properties: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
  readonly stages: readonly Stage[];
  /** Those of earlier attempts come first. */
  readonly attachments: readonly Attachment[];
  readonly notes: readonly string[];
  /** What went wrong and was overcome: of a case that passed they are what one wants to know. */
  readonly troubles: readonly string[];
  readonly steps: readonly Step[];
  /** What the case printed, cut where it is long. */
  readonly output?: string;
  /** The attempts before the last one. */
  readonly attempts: readonly Attempt[];
  /** What was erased in all attempts, and on which rig; missing where nothing was. */
  readonly wear?: readonly (Erase & { readonly rig: string })[];
  /** The strap sequences that were tried; missing where none was. */
  readonly straps?: readonly StrapPoint[];
}

/** An attempt that was not the last one. */
export interface Attempt {
  readonly rig: string;
  readonly verdict: Verdict;
  readonly ms: number;
  readonly reason?: string;
  readonly fault?: Fault;
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

interface Leftovers {
  readonly case?: string;
  readonly rig: string;
  readonly resources: readonly string[];
}

/** A firmware that was verified and seen to boot, or why nobody knows. */
interface Left {
  readonly rig: string;
  readonly firmware?: string;
  readonly sha256?: string;
  readonly reason?: string;
}

interface OfRig {
  readonly rig: string;
  readonly fault: Fault;
}

/** A whole run, its cases in short. */
export interface RunSummary {
  readonly runId: string;
  /** When the run started: ISO 8601 with Z. */
  readonly wallTime: string;
  readonly seed: number;
  /** The version of the harness. */
  readonly harness: string;
  readonly rigs: readonly { readonly name: string; readonly simulated: boolean }[];
  /** How many cases were to be run, as far as the run said so. */
  readonly planned: number;
  readonly shard?: { readonly index: number; readonly of: number };
  readonly plan?: string;
  /** What was asked for, by the names of the options. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** So many runs were merged into this one. */
  readonly merged?: number;
  /** Of a comparison of two firmwares: what it came to. */
  readonly ab?: AbResult;
  /** Of a stress run: what its cycles came to. */
  readonly stress?: StressResult;
  /** Of a sweep: what was asked for. */
  readonly sweep?: SweepPlan;
  /** By label: SHA-256 of the signed body. */
  readonly firmwares: Readonly<Record<string, string>>;
  /** By name: the same of the files that go with them, of all bytes where nothing is signed. */
  readonly files: Readonly<Record<string, string>>;
  /** The run was stopped, or killed before it could say that it ended. */
  readonly interrupted: boolean;
  /** In the order in which the cases started. */
  readonly cases: readonly CaseEntry[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** How many of those that passed needed more than one attempt. */
  readonly flaky: number;
  /** What somebody should look at, though it changes no verdict. */
  readonly warnings: readonly string[];
  /** Rigs that could not be made safe. */
  readonly retired: readonly OfRig[];
  /** Lanes that ended before their time. */
  readonly lost: readonly OfRig[];
  /** Errors that nobody awaited and that no case answers for. */
  readonly strays: readonly OfRig[];
  /** What scenarios left behind, by case where that is known. */
  readonly leftovers: readonly Leftovers[];
  /** What is on each rig's module in the end, as far as that is known. */
  readonly left: readonly Left[];
  /** What was erased when all cases had ended. */
  readonly wear: readonly (Erase & { readonly rig: string })[];
  readonly ms: number;
}
