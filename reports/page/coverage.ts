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

/** Why a run is not the whole of what it might be taken for; none: every case that belongs to it has a verdict of its own. */
export function partsOnly(summary: RunSummary): string[] {
  const { shard, planned, cases, counts, interrupted, options = {}, merged } = summary;
  if (isEmptyShard(summary)) return ["this part has no case"];
  const never = Math.max(0, planned - cases.length);
  const chosen = CHOOSING.flatMap(([name, told]) => {
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
