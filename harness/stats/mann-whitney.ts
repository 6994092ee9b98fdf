import { exactRankP, isSmall } from "./exact-ranks.js";
import { type Group, type SortedGroup, sortedGroups } from "./groups.js";
import { upperTail } from "./normal.js";

/**
 * Whether one side tends to be above the other: the two-sided p value of the rank sum test. Exact for few values without ties,
 * as SciPy has it; else by the normal distribution, corrected for ties and for continuity. Nothing on one side, or one value
 * alone on both: 1.
 *
 * Mann & Whitney 1947, Ann. Math. Stat. 18:50.
 *
 * @throws RangeError for NaN and numbers beyond 1e300.
 */
export const mannWhitney = (a: readonly number[], b: readonly number[]): number => mannWhitneyIn([[a, b]]);

/**
 * The same within each group, put together: groups may differ from each other by any amount. The larger a group, the less
 * each of its pairs counts; with groups of one against one it is the sign test, to which ties say nothing.
 *
 * P. van Elteren 1960, Bull. Inst. Int. Stat. 37:351.
 *
 * @throws RangeError for NaN and numbers beyond 1e300.
 */
export const mannWhitneyIn = (groups: readonly Group[]): number => rankP(sortedGroups(groups));

export function rankP(groups: readonly SortedGroup[]): number {
  const ranked = groups.map(ranksOf).filter(({ variance }) => variance > 0);
  if (ranked.length === 0) return 1;
  if (!ranked.some(({ tied }) => tied) && isSmall(ranked)) return exactRankP(ranked);
  const weighted = ranked.map((each) => ({ ...each, weight: 1 / (each.before + each.after + 1) }));
  const off = weighted.reduce((sum, { u, before, after, weight }) => sum + weight * (u - (before * after) / 2), 0);
  const variance = weighted.reduce((sum, each) => sum + each.weight ** 2 * each.variance, 0);
  // Half of the smallest step that the sum can make.
  const step = weighted.reduce((least, { weight }) => Math.min(least, weight), 1);
  return Math.min(1, 2 * upperTail(Math.max(0, Math.abs(off) - step / 2) / Math.sqrt(variance)));
}

interface Ranks {
  readonly before: number;
  readonly after: number;
  /** Of all pairs, those with the after above the before; a tie is half of one. */
  readonly u: number;
  /** Of `u`, if the sides did not differ. */
  readonly variance: number;
  readonly tied: boolean;
}

function ranksOf({ before, after }: SortedGroup): Ranks {
  const [n, m] = [before.length, after.length];
  let [i, j] = [0, 0];
  let [u, ties] = [0, 0];
  while (i < n || j < m) {
    const value = Math.min(before[i] ?? Number.POSITIVE_INFINITY, after[j] ?? Number.POSITIVE_INFINITY);
    const [below, start] = [i, j];
    while (before[i] === value) i++;
    while (after[j] === value) j++;
    u += (j - start) * (below + (i - below) / 2);
    const alike = i - below + j - start;
    ties += alike ** 3 - alike;
  }
  const all = n + m;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  return { before: n, after: m, u, variance, tied: ties > 0 };
}
