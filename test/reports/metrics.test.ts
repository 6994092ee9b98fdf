import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import { medianOf } from "../../harness/base/median.js";
import { renderMetrics } from "../../reports/metrics.js";
import { labelText } from "../../reports/open-metrics.js";
import { type Story, storyOf } from "../../reports/story.js";
import { parseOpenMetrics } from "./open-metrics.js";
import { anyEvents, EVERY_VERDICT, eventsOf, STARTED } from "./support.js";

const textOf = (story: Story): string => [...renderMetrics(story)].join("");
const ENDED: Fact = { type: "run.ended", interrupted: false };

test("a run with every verdict", () => {
  const text = textOf(storyOf(EVERY_VERDICT));
  const lines = text.split("\n").filter((line) => !line.startsWith("# HELP"));
  expect(lines.slice(0, 9)).toEqual([
    "# TYPE st67_hil_cases gauge",
    'st67_hil_cases{verdict="passed"} 2',
    'st67_hil_cases{verdict="failed"} 2',
    'st67_hil_cases{verdict="broken"} 1',
    'st67_hil_cases{verdict="skipped"} 1',
    'st67_hil_cases{verdict="aborted"} 2',
    "# TYPE st67_hil_flaky_cases gauge",
    'st67_hil_flaky_cases{was="failed"} 0',
    'st67_hil_flaky_cases{was="broken"} 1',
  ]);
  const place = 'case="cross-flash t01@2.0.97 -> t02@2.0.106",scenario="cross-flash",rig="sim"';
  const stage = 'stage="erase",profile="t02",version="2.0.106"';
  for (const line of [
    "st67_hil_interrupted 1",
    "st67_hil_retired_rigs 1",
    "# UNIT st67_hil_case_seconds seconds",
    `st67_hil_case_seconds{${place}} 3.5`,
    `st67_hil_stage_seconds{${stage},quantile="0.5"} 0.012346`,
    `st67_hil_stage_seconds_count{${stage}} 1`,
    `st67_hil_stage_seconds_sum{${stage}} 0.012346`,
    `st67_hil_measurement{${place},name="boot",unit="ms"} 640`,
  ])
    expect(lines).toContain(line);
  expect(text).not.toMatch(/run-1|2025/);
});

test("a # in a name would have GitLab refuse the file", () => {
  const at = { case: "boots #2", scenario: "boot", rig: "sim" };
  const events = eventsOf([STARTED, { type: "case.ended", ...at, verdict: "passed" }, ENDED]);
  const samples = textOf(storyOf(events))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(samples.join("")).not.toContain("#");
});

test.each([
  [[3], 3],
  [[4, 1], 2.5],
  [[9, 1, 4], 4],
  [[1e308, 1e308], 1e308],
])("the median of %j is %d", (values, median) => expect(medianOf(values)).toBe(median));

test("any texts give a file that a strict parser takes, and the values come back", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = storyOf(events);
      const samples = parseOpenMetrics(textOf(story));
      const of = (name: string, labels: object) =>
        samples.filter(
          (each) => each.name === name && JSON.stringify({ ...each.labels, ...labels }) === JSON.stringify(each.labels),
        );
      for (const [verdict, number] of Object.entries(story.summary.counts))
        expect(of("st67_hil_cases", { verdict })).toMatchObject([{ value: number }]);
      for (const row of story.rows(story.summary.cases.slice(-1))) {
        const place = { case: labelText(row.case), scenario: labelText(row.scenario), rig: labelText(row.rig) };
        const seconds = row.verdict === "skipped" ? [] : [{ value: expect.closeTo(row.ms / 1000, 5) }];
        expect(of("st67_hil_case_seconds", place)).toMatchObject(seconds);
        const last = new Map(
          row.measurements.map(({ name, unit, value }) => [JSON.stringify([name, unit].map(labelText)), value]),
        );
        expect(of("st67_hil_measurement", place).map(({ value }) => value)).toEqual([...last.values()]);
      }
      const stages = [...story.rows()].flatMap((row) => row.stages);
      const counted = samples.filter(({ name }) => name === "st67_hil_stage_seconds_count");
      expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(stages.length);
    }),
  );
});
