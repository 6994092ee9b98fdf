import type { AbResult, SideResult } from "../harness/ab/fold.js";
import { count } from "../harness/base/count.js";
import type { AbPlan } from "../harness/base/events.js";
import type { StageChange } from "../harness/stats/compare-times.js";
import { percent } from "./stress-text.js";

/** What is compared, before the first cycle. */
export const abPlanText = ({ scenario, a, b, cycles }: AbPlan): string =>
  `${scenario}: A ${a} and B ${b} in turn, ${count(cycles, "cycle")} each`;

export const AB_WORDS = {
  failed: "cycles failed",
  regressed: "B is slower",
  "not regressed": "B is not slower",
  "too few": "too few cycles passed to tell",
} as const satisfies Record<AbResult["decision"], string>;

/** What it came to, a thought a line. */
export function abText(result: AbResult): string[] {
  const { a, b, failuresP, decision, plan } = result;
  const changed = result.stages.filter(({ change }) => change !== undefined);
  const isShown = result.stages.some(({ interval }) => interval === "95 %");
  return [
    `${AB_WORDS[decision]}: A ${sideText(a)}; B ${sideText(b)}`,
    ...changed.map((row) => `${row.change} ${row.stage}: ${shiftText(row)}${bytesText(result, row)}`),
    ...(isShown && changed.length === 0 ? [`no stage has changed by more than ${percent(plan.relevance)}`] : []),
    ...(a.failures + b.failures > 0 ? [`failures of A and B differ with p = ${shownP(failuresP)} (Fisher)`] : []),
  ];
}

const sideText = ({ firmware, cycles, failures, outside }: SideResult): string =>
  [
    `${firmware}: ${count(cycles, "cycle")}`,
    count(failures, "failure"),
    ...(outside > 0 ? [`${outside} more said nothing of the module`] : []),
  ].join(", ");

function shiftText({ ratio, low, high, p }: StageChange): string {
  return `${signed(ratio)} (95 % interval ${signed(low)} to ${signed(high)}), p = ${shownP(p)}`;
}

function bytesText({ bytes }: AbResult, { stage }: StageChange): string {
  const [a, b] = (Object.hasOwn(bytes, stage) ? bytes[stage] : undefined) ?? [];
  return a === undefined || b === undefined ? "" : `; it moves ${a} bytes of A, ${b} of B`;
}

export const AB_HEAD = ["stage", "A median", "A p90", "B median", "B p90", "B/A", "95 %", "shift", "p", ""] as const;

/** One row a stage. */
export const abTable = ({ stages }: AbResult): string[][] =>
  stages.map((row) => [
    row.stage,
    ...[row.before.median, row.before.p90, row.after.median, row.after.p90].map(shownMs),
    signed(row.ratio),
    `${row.interval === "range" ? "range " : ""}${signed(row.low)} to ${signed(row.high)}`,
    shownMs(row.shiftMs),
    shownP(row.p),
    row.change ?? "",
  ]);

const shownMs = (ms: number | undefined): string => (ms === undefined ? "" : `${ms.toFixed(1)} ms`);
const signed = (ratio: number | undefined): string =>
  ratio === undefined ? "" : `${ratio < 1 ? "" : "+"}${(100 * (ratio - 1)).toFixed(1)} %`;
const shownP = (p: number): string => (p < 0.0001 ? "< 0.0001" : p.toFixed(4));
