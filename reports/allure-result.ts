import { faultText } from "./fault-text.js";
import type { Attempt, Row, RunSummary } from "./row.js";
import { TROUBLES_SUITE, type Trouble } from "./run-troubles.js";
import { uuidOf } from "./uuid.js";
import { epochMs, wholeMs } from "./wall-time.js";

/** A file in the folder of the results. */
export interface AllureAttachment {
  readonly name: string;
  readonly source: string;
  readonly type: string;
}

interface Step {
  readonly name: string;
  readonly status: string;
  readonly steps?: readonly Step[];
}

/** Allure's own words for whose fault it is: `failed` is a product defect, `broken` a test defect. */
const STATUS = { passed: "passed", failed: "failed", broken: "broken", aborted: "broken", skipped: "skipped" } as const;
/** A browser shows each of them. */
const MOST_STEPS = 500;

/**
 * A case as Allure reads it, and before it its earlier attempts: one `historyId` has them shown as its retries. That id is
 * made of names alone, so the history of a case goes on from night to night.
 *
 * @param leftOut attachments that are not there, and why.
 */
export function resultsOf(
  row: Row,
  nth: number,
  summary: RunSummary,
  attachments: readonly AllureAttachment[],
  leftOut: readonly string[],
) {
  const { scenario, flaky, attempts } = row;
  const all = { summary, suite: `hil.${scenario}`, name: row.case, tags: flaky === undefined ? [] : ["flaky"] };
  let startMs = row.startMs;
  const before = attempts.toReversed().map((attempt, index) => {
    startMs -= attempt.ms;
    const number = attempts.length - index;
    return resultOf({ ...all, ...attempt, startMs, uuid: uuidOf("attempt", summary.runId, row.case, nth, number) });
  });
  const last = {
    ...resultOf({ ...all, ...row, uuid: uuidOf("result", summary.runId, row.case, nth) }),
    // All that tells cases apart is in their names; a seed among them would end the history each night.
    parameters: Object.entries(row.properties).map(([name, value]) => ({ name, value, excluded: true })),
    steps: stepsOf(row, leftOut),
    attachments,
  };
  return [...before.reverse(), last];
}

/** What belongs to no case, as one. */
export function resultOfTrouble({ name, verdict, code, message, advice }: Trouble, index: number, summary: RunSummary) {
  const uuid = uuidOf("trouble", summary.runId, name, index);
  const told = {
    rig: "",
    startMs: summary.ms,
    ms: 0,
    verdict,
    reason: `${code}: ${message}\n${advice}`,
  } as const;
  return resultOf({ ...told, summary, suite: TROUBLES_SUITE, name, tags: [], uuid });
}

interface Result extends Attempt, Partial<Pick<Row, "steps" | "flaky">> {
  readonly summary: RunSummary;
  readonly suite: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly startMs: number;
  readonly uuid: string;
}

function resultOf({ summary, suite, name, tags, uuid, startMs, ...outcome }: Result) {
  const { verdict, rig, ms, fault, reason, flaky, steps = [] } = outcome;
  const start = epochMs(summary, startMs);
  const simulated = summary.rigs.some((each) => each.name === rig && each.simulated);
  const id = uuidOf("case", suite, name);
  const shown = [...tags, ...(verdict === "aborted" ? ["aborted"] : []), ...(simulated ? ["simulated"] : [])];
  return {
    ...{ uuid, historyId: id, testCaseId: id, name: name === "" ? "(no name)" : name, fullName: `${suite}: ${name}` },
    ...{ status: STATUS[verdict], stage: "finished", start, stop: start + wholeMs(ms) },
    statusDetails: {
      message: fault?.message ?? reason,
      trace: faultText({ steps, ...(reason !== undefined && { reason }), ...(fault !== undefined && { fault }) }),
      flaky: flaky !== undefined,
    },
    labels: [
      { name: "suite", value: suite },
      { name: "package", value: suite },
      { name: "framework", value: "st67-hil" },
      ...(rig === "" ? [] : ["host", "thread"].map((label) => ({ name: label, value: rig }))),
      ...shown.map((value) => ({ name: "tag", value })),
    ],
  };
}

/** The steps of the case, and one more for each kind of what was seen in it. */
function stepsOf({ steps, stages, measurements, notes, troubles }: Row, leftOut: readonly string[]): Step[] {
  const passed = (name: string): Step => ({ name, status: "passed" });
  const skipped = (name: string): Step => ({ name, status: "skipped" });
  const kind = (name: string, parts: readonly Step[]): Step[] =>
    parts.length === 0 ? [] : [{ ...passed(name), steps: bounded(parts) }];
  const stage = ({ stage: name, ms, bytes }: Row["stages"][number]) =>
    passed(`${name}: ${ms.toFixed(1)} ms${bytes === undefined ? "" : `, ${bytes} bytes`}`);
  const measurement = ({ name, value, unit, ok }: Row["measurements"][number]): Step => ({
    name: `${name}: ${value} ${unit}`,
    status: ok ? "passed" : "failed",
  });
  return [
    ...bounded(
      steps.map(({ step, ok }) => ({ name: step, status: ok === undefined ? "broken" : ok ? "passed" : "failed" })),
    ),
    ...kind("went wrong and was overcome", troubles.map(passed)),
    ...kind("stages", stages.map(stage)),
    ...kind("measurements", measurements.map(measurement)),
    ...kind("notes", notes.map(passed)),
    ...kind("attachments that are not here", leftOut.map(skipped)),
  ];
}

const bounded = (steps: readonly Step[]): Step[] => {
  const more = steps.length - MOST_STEPS;
  return more > 0
    ? [...steps.slice(0, MOST_STEPS), { name: `and ${more} more in events.jsonl`, status: "skipped" }]
    : [...steps];
};
