import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fact, Verdict } from "../../harness/base/events.js";
import { type Story, storyOf } from "../../reports/story.js";
import { eventsOf, fault, STARTED } from "../reports/support.js";

/** One case of a night, as short as a test wants it. */
export interface Planted {
  readonly name: string;
  readonly verdict?: Verdict;
  readonly scenario?: string;
  readonly rig?: string;
  /** `t01@2.0.106` */
  readonly firmware?: string;
  readonly sha256?: string;
  readonly stages?: Readonly<Record<string, number>>;
  readonly flaky?: boolean;
  /** Further facts, before it ends. */
  readonly facts?: readonly Fact[];
}

interface Night extends Partial<Omit<typeof STARTED, "rigs">> {
  readonly rigs?: readonly string[];
  readonly simulated?: readonly string[];
  readonly plan?: string;
  readonly merged?: number;
  readonly shard?: { readonly index: number; readonly of: number };
  readonly firmwares?: Readonly<Record<string, string>>;
  /** Of the run itself. */
  readonly facts?: readonly Fact[];
  readonly interrupted?: boolean;
}

function factsOf(
  cases: readonly Planted[],
  { facts = [], interrupted = false, ...started }: Night = {},
): readonly Fact[] {
  return [
    { ...STARTED, ...started, cases: cases.length },
    ...cases.flatMap(factsOfCase),
    ...facts,
    { type: "run.ended", interrupted },
  ];
}

function factsOfCase({ name, verdict = "passed", firmware, sha256, stages = {}, ...rest }: Planted): Fact[] {
  const { scenario = "flash-and-boot", rig = "sim", flaky = false, facts = [] } = rest;
  const place = { case: name, scenario, rig };
  const [profile = "", version = ""] = firmware?.split("@") ?? [];
  const named = firmware === undefined ? {} : { "fw.profile": profile, "fw.version": version };
  const properties = { ...named, ...(sha256 !== undefined && { "fw.sha256": sha256 }) };
  const started: Fact = { type: "case.started", ...place, properties };
  const retried: Fact = { type: "case.retried", case: name, rig, verdict: "failed", fault: fault("first") };
  return [
    ...(flaky ? [started, retried] : []),
    started,
    ...Object.entries(stages).map(([stage, ms]): Fact => ({ type: "stage", case: name, stage, ms })),
    ...facts,
    {
      type: "case.ended",
      ...place,
      verdict,
      ...(verdict === "failed" && { fault: fault(`${name} is wrong`) }),
      ...(verdict === "broken" && { fault: { ...fault(`${name}: no link`), code: "NOT_IN_ROM", blame: "rig" } }),
    },
  ];
}

export const storyOfNight = (cases: readonly Planted[], night?: Night): Story =>
  storyOf(eventsOf(factsOf(cases, night)));

/** As a run leaves it. @returns the run's folder. */
export function plantRun(folder: string, name: string, cases: readonly Planted[], night: Night = {}): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const events = eventsOf(factsOf(cases, { runId: name, ...night }));
  writeFileSync(join(path, "events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return path;
}

/** A run that is booked, and its cases. */
export const BOOKING = { folder: "out/run-1", exitCode: 0 };
export const CASES: readonly Planted[] = [
  { name: "a t01@2.0.106", firmware: "t01@2.0.106", sha256: "aa", stages: { erase: 10, write: 20 } },
  { name: "b", verdict: "failed" },
];
