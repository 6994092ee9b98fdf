import type { RunSummary } from "../row.js";
import { isEmptyShard } from "../summary.js";
import { short } from "./words.js";

/** Options that choose among the cases of a suite, and how each is told. */
const CHOOSING = [
  ["pattern", "the cases that were named"],
  ["grep", "--grep"],
  ["tag", "--tag"],
  ["profile", "--profile"],
  ["fwVersion", "--fw-version"],
] as const;

/** So many cases were to be run, and did not come to it. A stress run is planned as long as it may get, and ends when it knows. */
export const neverStarted = ({ planned, cases, stress }: RunSummary): number =>
  stress === undefined ? Math.max(0, planned - cases.length) : 0;

/** Why a run is not the whole of what it might be taken for; none: every case that belongs to it has a verdict of its own. */
export function partsOnly(summary: RunSummary): string[] {
  const { shard, planned, counts, interrupted, options = {}, merged } = summary;
  if (isEmptyShard(summary)) return ["this part has no case"];
  const never = neverStarted(summary);
  // Of these the scenario is what the command is about, and no choice among cases.
  const isOfOne = (summary.stress ?? summary.ab ?? summary.sweep) !== undefined;
  const chosen = CHOOSING.flatMap(([name, told]) => {
    if (name === "pattern" && isOfOne) return [];
    const values = [options[name]].flat().filter((value) => typeof value === "string" && value !== "");
    return values.length === 0 ? [] : [`${told} only: ${short(values.join(", "), 120)}`];
  });
  return [
    ...(interrupted ? ["the run was interrupted"] : []),
    ...(shard === undefined ? [] : [`part ${shard.index} of ${shard.of} of the plan`]),
    ...(never > 0
      ? [`${never} of ${planned} cases never started${merged === undefined ? "" : " in the merged runs"}`]
      : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
    ...(counts.aborted > 0 ? [`${counts.aborted} aborted`] : []),
    ...(counts.broken > 0 ? [`${counts.broken} not judged: something of ours broke`] : []),
    ...chosen,
  ];
}
