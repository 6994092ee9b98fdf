import type { Blame, ErrorCode } from "./errors.js";
import type { StrapPoint, StrapTiming } from "./strap-timing.js";

/** `failed` is held against the module or its firmware; `broken` is ours: rig, link, configuration, harness. */
export type Verdict = "passed" | "failed" | "broken" | "skipped" | "aborted";

/** An error as events and reports carry it: plain JSON. */
export interface Fault {
  readonly code: ErrorCode;
  readonly blame: Blame;
  readonly message: string;
  readonly advice: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** What the bytes on the wire tell of it, in three lines at most. */
  readonly diagnosis?: readonly string[];
  /** Where in the scenario's own file it was thrown: `mine/two-boots.ts:12:5`. */
  readonly at?: string;
}

export interface Outcome {
  readonly verdict: Verdict;
  /** Why it was skipped or aborted, or what stays unproven. */
  readonly reason?: string;
  readonly fault?: Fault;
}

/** What is done beside a case with another firmware: the names of its stages begin with this and a colon. */
export const ASIDES = ["set-up", "control"] as const;
export type Aside = (typeof ASIDES)[number];

/** What happened, without when. Every reporter ignores the types that it does not know. */
export type Fact =
  | {
      readonly type: "run.started";
      /** The only wall-clock field of a run: ISO 8601 with Z. */
      readonly wallTime: string;
      /** The only random field of a run. */
      readonly runId: string;
      readonly harness: string;
      readonly seed: number;
      readonly rigs: readonly string[];
      /** Those of them with a simulated module. */
      readonly simulated?: readonly string[];
      readonly cases: number;
      /** SHA-256 of the names of all cases in their order, those of other shards included. */
      readonly plan?: string;
      /** By label: SHA-256 of the signed body of each firmware that a case programs. */
      readonly firmwares?: Readonly<Record<string, string>>;
      /** By name: the same of the files that go with them, of all bytes where nothing is signed. */
      readonly files?: Readonly<Record<string, string>>;
      /** Which part of the plan this run is, from 1 on: the cases of a part follow each other. */
      readonly shard?: { readonly index: number; readonly of: number };
      /** What was asked for, by the names of the options: how a run that was cut off is gone on with. */
      readonly options?: Readonly<Record<string, unknown>>;
      /** Its cases are cycles of one scenario, until the module of each rig is decided on. */
      readonly stress?: StressPlan;
      /** Its cases flash two firmwares in turn, and their times are compared. */
      readonly ab?: AbPlan;
      /** Its cases are the points of a map. */
      readonly sweep?: SweepPlan;
      /** So many runs were merged into this one: what they did to modules and rigs, they have done. */
      readonly merged?: number;
    }
  /** The run was cut off and goes on here. Cases that had started and not ended begin anew. */
  | { readonly type: "run.resumed"; readonly wallTime: string }
  /** What somebody should look at, of the run as a whole. */
  | { readonly type: "run.warned"; readonly message: string }
  | {
      readonly type: "case.started";
      readonly case: string;
      readonly scenario: string;
      readonly rig: string;
      readonly properties: Readonly<Record<string, string>>;
    }
  | { readonly type: "step.started"; readonly case: string; readonly step: string }
  | { readonly type: "step.ended"; readonly case: string; readonly step: string; readonly ok: boolean }
  /** One stage of what the harness did with the module, with its duration on the run's clock. */
  | {
      readonly type: "stage";
      readonly case: string;
      readonly stage: string;
      readonly ms: number;
      readonly bytes?: number;
    }
  /** An answer is still awaited after some seconds: to what, and how long it is waited for, from the question on. */
  | { readonly type: "waiting"; readonly case: string; readonly what: string; readonly mostMs: number }
  /** One rung of the recovery ladder, climbed because of what went wrong before. */
  | { readonly type: "rung"; readonly case: string; readonly rung: number; readonly what: string; readonly ok: boolean }
  /** How the ladder ended: `ok after retry`, `recovered` by `rung`, or `bricked`. */
  | { readonly type: "recovered"; readonly case: string; readonly state: string; readonly rung: number }
  /** What a firmware that is known to be good came to on the same rig, after a candidate had failed there. */
  | {
      readonly type: "control";
      readonly case: string;
      readonly firmware: string;
      readonly ok: boolean;
      readonly fault?: Fault;
    }
  /** What is on a rig's module as it is let go of: a firmware that was verified and seen to boot, or why that is not known. */
  | {
      readonly type: "module.left";
      readonly rig: string;
      readonly firmware?: string;
      readonly sha256?: string;
      readonly reason?: string;
    }
  /**
   * A line was driven. `heldMs`: how long its level before was held at least, from the end of the call that set it to the
   * beginning of this one; missing for the first.
   */
  | {
      readonly type: "line";
      readonly case: string;
      readonly line: string;
      readonly asserted: boolean;
      readonly heldMs?: number;
    }
  /** One strap sequence was tried. */
  | ({ readonly type: "strap.point"; readonly case: string } & StrapPoint)
  /** Of no case: of what was done with the module after the last one. */
  | ({ readonly type: "wear"; readonly case?: string; readonly rig?: string } & Erase)
  | ({ readonly type: "measurement"; readonly case: string } & Measurement)
  /** `file` is relative to the run's folder. */
  | { readonly type: "attachment"; readonly case: string; readonly name: string; readonly file: string }
  /** `trouble`: something went wrong and was overcome; what a scenario notes is none. `again`: by beginning it once more. */
  | {
      readonly type: "note";
      readonly case: string;
      readonly message: string;
      readonly trouble?: true;
      readonly again?: true;
    }
  /** An attempt has ended, and the case begins once more: the verdict is that of a later one. */
  | ({ readonly type: "case.retried"; readonly case: string; readonly rig: string } & Outcome)
  | ({ readonly type: "case.ended"; readonly case: string; readonly scenario: string; readonly rig: string } & Outcome)
  /** What a case printed: the beginning and the end of it; all of it is an attachment. */
  | { readonly type: "output"; readonly case: string; readonly text: string }
  /** An error that nobody awaited came to light after the case that made it had ended; of no known case: the run's own. */
  | { readonly type: "stray"; readonly case?: string; readonly rig: string; readonly fault: Fault }
  /** A lane process ended before its time, and what it was about when it did. */
  | { readonly type: "lane.lost"; readonly rig: string; readonly fault: Fault }
  /** What a case left behind, or, of no known case, what was open when the lane ended: timers, servers, processes. */
  | {
      readonly type: "lane.leftovers";
      readonly case?: string;
      readonly rig: string;
      readonly resources: readonly string[];
    }
  /**
   * A rig of a farm has taken a job of the run. Written, and on disk, before the job may erase anything: the same delivery of
   * it is never begun again. `fence` rises with every job that a rig takes.
   */
  | {
      readonly type: "job.begun";
      readonly job: number;
      readonly delivery: number;
      readonly rig: string;
      readonly fence: number;
      readonly simulated: boolean;
    }
  /** It is done, as far as it will be; `lost`: the agent was ended in the middle of it, and another one tells. */
  | {
      readonly type: "job.ended";
      readonly job: number;
      readonly delivery: number;
      readonly rig: string;
      readonly lost?: true;
    }
  | { readonly type: "rig.retired"; readonly rig: string; readonly fault: Fault }
  | { readonly type: "run.ended"; readonly interrupted: boolean };

/** How cycles decide: made before the first one, and never changed. */
export interface StressPlan {
  readonly scenario: string;
  /** `sprt`: Wald's sequential test; `fixed`: so many cycles, judged once behind the last. */
  readonly method: "sprt" | "fixed";
  /** A failure rate that is good enough, from 0 to 1. */
  readonly p0: number;
  /** One that is not, above `p0`. */
  readonly p1: number;
  /** Risk of rejecting what is good enough, and of accepting what is not. */
  readonly alpha: number;
  readonly beta: number;
  /** Cycles of each rig: of `fixed` exactly so many; a sequential test that has come to no decision by then is undecided. */
  readonly most: number;
  /** `all`: every cycle that is not ok counts as a failure; `bricked`: one that the recovery ladder has helped does not. */
  readonly counts: "all" | "bricked";
}

/** How two firmwares are compared: made before the first cycle, and never changed. */
export interface AbPlan {
  readonly scenario: string;
  /** Labels. `b` is held against `a`. */
  readonly a: string;
  readonly b: string;
  /** Of each of them. */
  readonly cycles: number;
  /** A shift of a stage below this share of its time matters to nobody. */
  readonly relevance: number;
  /** Of all stages together: the risk that one is called changed that is not. */
  readonly alpha: number;
}

/** A sweep of strap timings. */
export interface SweepPlan {
  /** As they were asked for; none: the lines that are tried by default. */
  readonly axes: readonly string[];
  readonly working: StrapTiming;
  readonly repeat: number;
}

/** An erase that a module was told to do: of sectors of 4 KiB in a row, or, without a number of them, of the whole chip. */
export interface Erase {
  /** As boot info tells it. */
  readonly chip: string;
  readonly first: number;
  readonly sectors?: number;
}

/** A value with its unit and the limits it was held to; `ok` tells whether it was within them. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  readonly ok: boolean;
}

/** A fact with its place in the run and its time on the run's clock, in milliseconds. One line of `events.jsonl`. */
export type RunEvent = Fact & { readonly seq: number; readonly atMs: number };

export type Emit = (fact: Fact) => void;
