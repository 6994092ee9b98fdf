import { CONFIDENCE, checkResampling, percentiles, RESAMPLES, type Resampling } from "./bootstrap.js";
import type { SortedGroup } from "./groups.js";
import type { Interval } from "./intervals.js";
import { pairAt, pairsOf, ratio } from "./pairs.js";

/** The pairs of a group, or of some. */
interface Pairs {
  readonly count: number;
  /** Which part of them is below the median, ties by half: of all, or of a resample. */
  readonly below: number;
  readonly drawn: (random: () => number) => number;
}

/**
 * Between what the median of all ratios within groups is likely to lie. From each side of a group one fewer is drawn anew
 * than it has: as many would make small groups seem surer than they are (McCarthy & Snowden 1985, Vital Health Stat. 2:95).
 * Groups with a single one on a side have nothing to draw from: they are drawn, whole, among each other.
 *
 * No resample is sorted. Which part of its pairs lies below the median tells how far off it is, and the ratios that have such
 * parts of all pairs below them are the ends (R. S. Woodruff 1952, JASA 47:635): a million pairs cost no more than their
 * two thousand numbers.
 *
 * @param groups at least one, of numbers above 0.
 * @param median of their ratios.
 * @throws RangeError: see `Resampling`.
 */
export function ratioInterval(groups: readonly SortedGroup[], median: number, resampling: Resampling): Interval {
  const { random, resamples = RESAMPLES, confidence = CONFIDENCE } = resampling;
  checkResampling(resamples, confidence);
  const isSingle = ({ before, after }: SortedGroup) => Math.min(before.length, after.length) === 1;
  const many = groups.filter((group) => !isSingle(group)).map((group) => pairsOfMany(group, median));
  const singles = groups.filter(isSingle).map((group) => pairsOfMany(group, median));
  const parts = singles.length > 0 ? [...many, pairsOfSingles(singles)] : many;
  const all = pairsOf(groups);
  const offs = new Float64Array(resamples).map(() =>
    parts.reduce((sum, { count, below, drawn }) => sum + (count / all) * (drawn(random) - below), 0),
  );
  const { low, high } = percentiles(offs, confidence);
  return {
    low: Math.min(median, pairAt(groups, ratio, Math.max(1, Math.floor((0.5 - high) * all)))),
    high: Math.max(median, pairAt(groups, ratio, Math.min(all, Math.ceil((0.5 - low) * all)))),
  };
}

function pairsOfMany({ before, after }: SortedGroup, median: number): Pairs {
  const [n, m] = [before.length, after.length];
  // Of each of the before: how many of the after make less than the median with it, and how many make it at most.
  const [less, most] = [new Uint32Array(n), new Uint32Array(n)];
  for (const [index, from] of before.entries()) {
    const previous = index - 1;
    let at = less[previous] ?? 0;
    while (at < m && ratio(from, after[at] ?? 0) < median) at++;
    less[index] = at;
    at = Math.max(at, most[previous] ?? 0);
    while (at < m && ratio(from, after[at] ?? 0) <= median) at++;
    most[index] = at;
  }
  const half = less.reduce((sum, each, index) => sum + each + (most[index] ?? 0), 0);
  // How often those of the after up to each were drawn.
  const upTo = new Float64Array(m + 1);
  const drawn = (random: () => number): number => {
    upTo.fill(0);
    for (let draw = 1; draw < m; draw++) {
      const at = 1 + Math.floor(random() * m);
      upTo[at] = (upTo[at] ?? 0) + 1;
    }
    for (let at = 1; at <= m; at++) upTo[at] = (upTo[at] ?? 0) + (upTo[at - 1] ?? 0);
    let sum = 0;
    for (let draw = 1; draw < n; draw++) {
      const at = Math.floor(random() * n);
      sum += (upTo[less[at] ?? 0] ?? 0) + (upTo[most[at] ?? 0] ?? 0);
    }
    return sum / (2 * (n - 1) * (m - 1));
  };
  return { count: n * m, below: half / (2 * n * m), drawn };
}

/** @param singles at least one. */
function pairsOfSingles(singles: readonly Pairs[]): Pairs {
  const count = singles.reduce((sum, each) => sum + each.count, 0);
  const below = singles.reduce((sum, each) => sum + each.count * each.below, 0) / count;
  const drawn = (random: () => number): number => {
    let [pairs, sum] = [0, 0];
    for (let draw = Math.min(1, singles.length - 1); draw < singles.length; draw++) {
      const single = singles[Math.floor(random() * singles.length)];
      if (single === undefined) continue;
      pairs += single.count;
      sum += single.count * single.below;
    }
    return sum / pairs;
  };
  return { count, below, drawn };
}
