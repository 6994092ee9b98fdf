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
  return medianOfPairs(groups, difference);
}

/** What is told of a pair; it grows with `to`, and falls with `from`. */
export type OfPair = (from: number, to: number) => number;

export const difference: OfPair = (from, to) => to - from;
/** Of numbers above 0. */
export const ratio: OfPair = (from, to) => to / from;

/** The median of what is told of the pairs within each group, of all groups. @param groups at least one. */
export function medianOfPairs(groups: readonly SortedGroup[], ofPair: OfPair): number {
  const all = pairsOf(groups);
  const lower = pairAt(groups, ofPair, Math.ceil(all / 2));
  return all % 2 === 1 ? lower : lower + (pairAt(groups, ofPair, all / 2 + 1) - lower) / 2;
}

export const pairsOf = (groups: readonly SortedGroup[]): number =>
  groups.reduce((sum, { before, after }) => sum + before.length * after.length, 0);

/** The one of that rank among those of all pairs within groups. @param rank from 1 to `pairsOf(groups)`. */
export function pairAt(groups: readonly SortedGroup[], ofPair: OfPair, rank: number): number {
  let low = around(groups, ofPair, Number.NEGATIVE_INFINITY).next;
  const first = around(groups, ofPair, low);
  if (first.upTo >= rank) return low;
  let next = first.next;
  // Up to `low` there are fewer than `rank`, up to `high` as many or more; what lies between is halved.
  let high = around(groups, ofPair, Number.POSITIVE_INFINITY).last;
  while (next < high) {
    const middle = low + (high - low) / 2;
    const found = around(groups, ofPair, middle);
    if (found.upTo >= rank) high = found.last;
    else [low, next] = [middle, found.next];
  }
  return high;
}

/** How many are `bound` at most, the largest of these, and the smallest of the others. */
function around(groups: readonly SortedGroup[], ofPair: OfPair, bound: number) {
  let upTo = 0;
  let [last, next] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { before, after } of groups) {
    let at = 0;
    for (const from of before) {
      while (at < after.length && ofPair(from, after[at] ?? 0) <= bound) at++;
      upTo += at;
      if (at > 0) last = Math.max(last, ofPair(from, after[at - 1] ?? 0));
      if (at < after.length) next = Math.min(next, ofPair(from, after[at] ?? 0));
    }
  }
  return { upTo, last, next };
}
