import { medianOf } from "../harness/base/median.js";
import { family, type Labels, labelText, sample } from "./open-metrics.js";
import type { CaseEntry, Row, RunSummary } from "./row.js";
import { stageTimesOf } from "./stage-times.js";
import type { Story } from "./story.js";

/**
 * A run as OpenMetrics text. Servers compare two of them by the names of the series, labels included: so there is no run,
 * date or count of anything in a label, and what did not happen is told as 0.
 */
export function* renderMetrics(story: Story): Generator<string> {
  const { summary } = story;
  yield* ofRun(summary);
  const cases = lastOfEach(summary.cases);
  yield family({ name: "st67_hil_case_seconds", type: "gauge", unit: "seconds", help: "How long a case took." });
  for (const entry of cases)
    if (entry.verdict !== "skipped") yield sample("st67_hil_case_seconds", placeOf(entry), seconds(entry.ms));
  yield* ofStages(story);
  yield family({
    name: "st67_hil_measurement",
    type: "gauge",
    help: "What a case measured, in the unit of the label.",
  });
  for (const row of story.rows(cases)) yield* ofMeasurements(row);
  yield "# EOF\n";
}

function* ofRun({ counts, planned, cases, ms, interrupted, retired, strays }: RunSummary): Generator<string> {
  yield family({ name: "st67_hil_cases", type: "gauge", help: "Cases of the run, by verdict." });
  for (const [verdict, number] of Object.entries(counts)) yield sample("st67_hil_cases", { verdict }, number);
  yield family({
    name: "st67_hil_flaky_cases",
    type: "gauge",
    help: "Cases that passed, by the worst of an attempt before.",
  });
  for (const was of ["failed", "broken"])
    yield sample("st67_hil_flaky_cases", { was }, cases.filter(({ flaky }) => flaky === was).length);
  const gauges = [
    ["st67_hil_planned_cases", "Cases that were to be run.", planned],
    ["st67_hil_interrupted", "1 for a run that did not come to its end.", interrupted ? 1 : 0],
    ["st67_hil_retired_rigs", "Rigs that could not be made safe.", retired.length],
    ["st67_hil_stray_errors", "Errors that no case answers for.", strays.length],
  ] as const;
  for (const [name, help, value] of gauges) yield family({ name, type: "gauge", help }) + sample(name, {}, value);
  yield family({ name: "st67_hil_run_seconds", type: "gauge", unit: "seconds", help: "How long the run took." });
  yield sample("st67_hil_run_seconds", {}, seconds(ms));
}

function* ofStages(story: Story): Generator<string> {
  const name = "st67_hil_stage_seconds";
  yield family({ name, type: "summary", unit: "seconds", help: "How long a stage took, by the firmware of its case." });
  for (const { times, ...labels } of stageTimesOf(story.rows(), labelText)) {
    yield sample(name, { ...labels, quantile: "0.5" }, seconds(medianOf(times)));
    yield sample(`${name}_count`, labels, times.length);
    yield sample(`${name}_sum`, labels, seconds(times.reduce((sum, ms) => sum + ms, 0)));
  }
}

/** A name that a case measured twice is told as it was last. */
function* ofMeasurements(row: Row): Generator<string> {
  const last = new Map<string, { labels: Labels; value: number }>();
  for (const { name, unit, value } of row.measurements) {
    const labels = { ...placeOf(row), name, unit };
    last.set(keyOf(labels), { labels, value });
  }
  for (const { labels, value } of last.values()) yield sample("st67_hil_measurement", labels, value);
}

const placeOf = ({ case: name, scenario, rig }: CaseEntry): Labels => ({ case: name, scenario, rig });

/** What comes out as the same labels is one series. */
const keyOf = (labels: Labels): string => JSON.stringify(Object.values(labels).map(labelText));

/** A name may come again, after its case has ended. */
const lastOfEach = (cases: readonly CaseEntry[]): CaseEntry[] => [
  ...new Map(cases.map((entry) => [keyOf(placeOf(entry)), entry])).values(),
];

/** As many decimals as the run's clock is good for. */
const seconds = (ms: number): number => Math.round(Math.max(0, ms) * 1000) / 1e6;
