import { checkNumbers } from "./arguments.js";

/** What was measured of one thing before and after: of one case on one rig, say. */
export type Group = readonly [before: readonly number[], after: readonly number[]];

/** The same, each side in ascending order and neither empty. */
export interface SortedGroup {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/**
 * Those that have something on both sides: the others say nothing of a difference.
 *
 * @throws RangeError for NaN and numbers beyond 1e300.
 */
export function sortedGroups(groups: readonly Group[]): SortedGroup[] {
  for (const [before, after] of groups) {
    checkNumbers("before", before);
    checkNumbers("after", after);
  }
  return groups
    .filter(([before, after]) => before.length > 0 && after.length > 0)
    .map(([before, after]) => ({ before: Float64Array.from(before).sort(), after: Float64Array.from(after).sort() }));
}
