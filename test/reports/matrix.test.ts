import { expect, test } from "@jest/globals";
import type { Fact, Verdict } from "../../harness/base/events.js";
import { renderMarkdown } from "../../reports/markdown-summary.js";
import { matrixOf } from "../../reports/matrix.js";
import { storyOf } from "../../reports/story.js";
import { eventsOf, fault, STARTED } from "./support.js";

const edge = (before: string, after: string, verdict: Verdict, more = ""): Fact[] => {
  const at = { case: `${before} -> ${after}${more}`, scenario: "cross-flash", rig: "sim" };
  const isWrong = verdict === "failed" || verdict === "broken";
  return [
    { type: "case.started", ...at, properties: { before, after } },
    { type: "case.ended", ...at, verdict, ...(isWrong && { fault: fault("it says why") }) },
  ];
};
const other = { case: "identify", scenario: "identify", rig: "sim" };
const story = (...facts: Fact[][]) =>
  storyOf(
    eventsOf([
      STARTED,
      { type: "case.started", ...other, properties: {} },
      { type: "case.ended", ...other, verdict: "passed" },
      ...facts.flat(),
      { type: "run.ended", interrupted: false },
    ]),
  );

test("of all cases that lead from one firmware to another the worst counts, and how many came to that", () => {
  const { firmwares, cell } = matrixOf(
    story(edge("a", "b", "passed"), edge("a", "b", "failed", " #2"), edge("b", "a", "skipped")).rows(),
  );
  expect(firmwares).toEqual(["a", "b"]);
  expect(cell("a", "b")).toEqual({ verdict: "failed", count: 1, of: 2, code: fault("").code });
  expect(cell("b", "a")).toEqual({ verdict: "skipped", count: 1, of: 1, code: undefined });
  expect(cell("a", "a")).toBeUndefined();
});

test("the matrix in the summary, versions in their order; none where no case leads from one firmware to another", () => {
  const told = [
    ...renderMarkdown(
      story(
        edge("t01@2.0.106", "t01@2.0.97", "passed"),
        edge("t01@2.0.97", "t01@2.0.106", "broken"),
        edge("t01@2.0.97", "t01@2.0.97", "passed"),
        edge("t01@2.0.97", "t01@2.0.97", "aborted", " #2"),
      ),
    ),
  ].join("");
  expect(told).toContain(`### From firmware to firmware

| from, to | \`t01@2.0.97\` | \`t01@2.0.106\` |
| --- | --- | --- |
| \`t01@2.0.97\` | aborted (1 of 2) | broken \`${fault("").code}\` |
| \`t01@2.0.106\` | ✓ |  |
`);
  expect([...renderMarkdown(story(edge("a", "a", "passed")))].join("")).not.toContain("From firmware");
});
