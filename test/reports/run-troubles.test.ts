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
