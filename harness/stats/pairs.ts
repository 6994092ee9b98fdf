import { type Group, type SortedGroup, sortedGroups } from "./groups.js";

/**
 * By how much the second side is above the first: the median of all differences b - a. Robust against a few cycles that took
 * far too long. A million pairs take some milliseconds: none of them is written down.
 *
 * Hodges & Lehmann 1963, Ann. Math. Stat. 34:598.
 *
 * @param a at least one, as `b`.
 * @throws RangeError for nothing on one side, NaN and numbers beyond 1e300.
 */
export function hodgesLehmann(a: readonly number[], b: readonly number[]): number {
  const groups = sortedGroups([[a, b]] satisfies Group[]);
  if (groups.length === 0) throw new RangeError("expected at least one number on each side; got none");
  return medianShift(groups);
}

/** The median of the differences after - before within each group, of all groups. @param groups at least one. */
function medianShift(groups: readonly SortedGroup[]): number {
  const all = pairsOf(groups);
  const lower = pairAt(groups, Math.ceil(all / 2));
  return all % 2 === 1 ? lower : lower + (pairAt(groups, all / 2 + 1) - lower) / 2;
}

const pairsOf = (groups: readonly SortedGroup[]): number =>
  groups.reduce((sum, { before, after }) => sum + before.length * after.length, 0);

/** The difference of that rank among all within groups. @param rank from 1 to `pairsOf(groups)`. */
function pairAt(groups: readonly SortedGroup[], rank: number): number {
  const all = around(groups, Number.NEGATIVE_INFINITY);
  // Up to `low` there are fewer than `rank`, up to `high` as many or more; what lies between is halved.
  let [low, next] = [all.next, all.next];
  let high = around(groups, Number.POSITIVE_INFINITY).last;
  if (around(groups, low).upTo >= rank) return low;
  do {
    const found = around(groups, low + (high - low) / 2);
    if (found.upTo >= rank) high = found.last;
    else [low, next] = [low + (high - low) / 2, found.next];
  } while (next < high);
  return high;
}

/** How many differences are `bound` at most, the largest of these, and the smallest of the others. */
function around(groups: readonly SortedGroup[], bound: number): { upTo: number; last: number; next: number } {
  let upTo = 0;
  let [last, next] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { before, after } of groups) {
    let at = 0;
    for (const from of before) {
      while (at < after.length && (after[at] ?? 0) - from <= bound) at++;
      upTo += at;
      if (at > 0) last = Math.max(last, (after[at - 1] ?? 0) - from);
      if (at < after.length) next = Math.min(next, (after[at] ?? 0) - from);
    }
  }
  return { upTo, last, next };
}
