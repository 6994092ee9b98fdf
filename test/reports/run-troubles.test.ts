import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import { troublesOf } from "../../reports/run-troubles.js";
import { storyOf } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { anyEvents, eventsOf, fault, STARTED } from "./support.js";

const AT = { scenario: "s", rig: "sim" };
const PASSED: Fact = { type: "case.ended", case: "a", ...AT, verdict: "passed" };
const SKIPPED: Fact = { type: "case.ended", case: "b", ...AT, verdict: "skipped", reason: "needs power" };
const ENDED: Fact = { type: "run.ended", interrupted: false };

test.each<[string, Fact[], string[]]>([
  ["a clean run", [PASSED, SKIPPED, ENDED], []],
  ["a killed one", [PASSED], ["interrupted"]],
  ["one of which all was skipped", [SKIPPED, ENDED], ["nothing judged"]],
  ["one without a case", [ENDED], ["nothing judged"]],
  [
    "retired rigs and stray errors",
    [
      PASSED,
      { type: "rig.retired", rig: "pi", fault: fault("x") },
      { type: "stray", rig: "pi", fault: fault("y") },
      { type: "stray", rig: "pi", fault: fault("z") },
      ENDED,
    ],
    ["rig pi retired", "stray 1", "stray 2"],
  ],
])("%s", (_, facts, names) => {
  expect(troublesOf(storyOf(eventsOf([STARTED, ...facts])).summary).map(({ name }) => name)).toEqual(names);
});

test.each<[string, Fact[], number, string[]]>([
  ["all points", [PASSED, { ...PASSED, case: "b" }, ENDED], 0, []],
  ["a point that was skipped", [PASSED, SKIPPED, ENDED], 2, ["sweep"]],
  ["a point that is missing", [PASSED, ENDED], 2, ["sweep"]],
  ["a point that broke", [PASSED, { ...PASSED, case: "b", verdict: "broken" }, ENDED], 2, []],
])("a sweep with %s", (_, facts, exitCode, names) => {
  const working = { resetMs: 100, setupMs: 100, holdMs: 100, delayMs: 100 };
  const started: Fact = { ...STARTED, cases: 2, sweep: { axes: [], working, repeat: 1 } };
  const { summary } = storyOf(eventsOf([started, ...facts]));
  expect({ exitCode: exitCodeOf(summary), names: troublesOf(summary).map(({ name }) => name) }).toEqual({
    exitCode,
    names,
  });
});

test("a run that could not be judged has a case that says so, or one of these", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const { summary } = storyOf(events);
      const { failed, broken, aborted } = summary.counts;
      const isTold = failed + broken + aborted + troublesOf(summary).length > 0;
      expect(exitCodeOf(summary) !== 0).toBe(isTold);
    }),
  );
});
