import { createHash } from "node:crypto";
import type { RunSummary } from "../../reports/row.js";

/**
 * What two runs have in common that can be compared: they were asked for the same cases, and for the same part of them.
 * A run that does not tell its plan is known by the names of its cases; where rigs share them, their order is chance.
 */
export function selectionOf({ plan, shard, cases }: Pick<RunSummary, "plan" | "shard" | "cases">): string {
  if (plan === undefined) return byNames(cases.map((each) => each.case));
  return shard === undefined ? plan : `${plan} ${shard.index}/${shard.of}`;
}

/**
 * The same for a run that is about to begin; the second is how one without a plan would be known.
 *
 * @param names of its cases.
 */
export const selectionsOf = (
  plan: string,
  names: readonly string[],
  shard: RunSummary["shard"] | undefined,
): readonly [string, string] => [
  selectionOf({ plan, cases: [], ...(shard !== undefined && { shard }) }),
  byNames(names),
];

const byNames = (names: readonly string[]): string => {
  const sorted = [...new Set(names)].sort();
  return `names ${createHash("sha256").update(sorted.join("\n")).digest("hex")}`;
};
