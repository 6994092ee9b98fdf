import { expect, test } from "@jest/globals";
import { cycleName } from "../../harness/ab/sides.js";
import type { AbPlan, Fact, StressPlan } from "../../harness/base/events.js";
import { abTable, abText } from "../../reports/ab-text.js";
import type { RunSummary } from "../../reports/row.js";
import { storyOf } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { verdictSentence } from "../../reports/verdict-sentence.js";
import { eventsOf, fault, STARTED } from "./support.js";

const AT = { scenario: "s", rig: "sim" };
const ENDED: Fact = { type: "run.ended", interrupted: false };
const RETIRED: Fact = { type: "rig.retired", rig: "sim", fault: fault("x") };
const STRESS: StressPlan = {
  ...{ scenario: "s", method: "fixed", most: 59, counts: "all" },
  ...{ p0: 0.01, p1: 0.05, alpha: 0.05, beta: 0.05 },
};
const AB: AbPlan = { scenario: "s", a: "t01@2.0.97", b: "t01@2.0.106", cycles: 8, relevance: 0.05, alpha: 0.01 };

const summaryOf = (started: Partial<Fact>, ...facts: Fact[]): RunSummary =>
  storyOf(eventsOf([{ ...STARTED, ...started } as Fact, ...facts])).summary;
const cycle = (name: string, stage = "boot", more: object = {}): Fact[] => [
  { type: "case.started", case: name, ...AT, properties: {} },
  { type: "stage", case: name, stage, ms: 100, ...more },
  { type: "case.ended", case: name, ...AT, verdict: "passed" },
];
const clean = Array.from({ length: 59 }, (_, index) => cycle(`s #${index}`)).flat();
const turns = (count: number, stage?: string, ofB: object = {}): Fact[] =>
  Array.from({ length: count }, (_, index) => [
    ...cycle(cycleName("a", "s", index + 1), stage),
    ...cycle(cycleName("b", "s", index + 1), stage, ofB),
  ]).flat();

test.each<[string, RunSummary, number, string]>([
  ["accepted", summaryOf({ stress: STRESS }, ...clean, ENDED), 0, "**Accepted**: 59 cycles, 0 failures."],
  [
    "accepted, and killed",
    summaryOf({ stress: STRESS }, ...clean),
    2,
    "**Could not judge**: 59 cycles, 0 failures; the run was interrupted.",
  ],
  [
    "accepted, and the rig cannot be made safe",
    summaryOf({ stress: STRESS }, ...clean, RETIRED, ENDED),
    2,
    "**Could not judge**: 59 cycles, 0 failures; 1 rig retired.",
  ],
  [
    "not slower, by cycles that somebody cut off",
    summaryOf({ ab: AB }, ...turns(8), { type: "run.ended", interrupted: true }),
    2,
    "**Could not judge**: `t01@2.0.97` 0 of 8 cycles failed, `t01@2.0.106` 0 of 8 cycles failed; the run was interrupted.",
  ],
  [
    "a map that lacks points",
    summaryOf(
      { cases: 2, sweep: { axes: [], working: { resetMs: 1, setupMs: 1, holdMs: 1, delayMs: 1 }, repeat: 1 } },
      ...cycle("p"),
      { type: "case.ended", case: "q", ...AT, verdict: "skipped", reason: "late" },
      ENDED,
    ),
    2,
    "**Could not judge**: the map has 1 of 2 points.",
  ],
])("%s: what stands first agrees with the exit code", (_, summary, exitCode, sentence) => {
  expect({ exitCode: exitCodeOf(summary), sentence: verdictSentence(summary) }).toEqual({ exitCode, sentence });
});

test("of too few cycles nothing is said to have stayed, and a range is no interval", () => {
  const { ab } = summaryOf({ ab: AB }, ...turns(2), ENDED);
  expect(ab && abText(ab)).toEqual([
    "too few cycles passed to tell: A t01@2.0.97: 2 cycles, 0 failures; B t01@2.0.106: 2 cycles, 0 failures",
  ]);
  expect(ab && abTable(ab)[0]).toContain("range +0.0 % to +0.0 %");
});

test("a stage may have any name", () => {
  const { ab } = summaryOf({ ab: AB }, ...turns(30, "constructor", { ms: 200 }), ENDED);
  expect(ab?.decision).toBe("regressed");
  expect(ab && abText(ab)[1]).toContain("slower constructor: +100.0 %");
});
