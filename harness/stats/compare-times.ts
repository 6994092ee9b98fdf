import { medianOf } from "../base/median.js";
import { checkBetween, checkTime } from "./arguments.js";
import { bootstrapRatioOfMedians, type Resampling } from "./bootstrap.js";
import { type Group, type SortedGroup, sortedGroups } from "./groups.js";
import { holm } from "./holm.js";
import type { Interval } from "./intervals.js";
import { rankP } from "./mann-whitney.js";
import { difference, medianOfPairs, pairAt, pairsOf, ratio } from "./pairs.js";
import { quantileOf } from "./quantiles.js";
import { ratioInterval } from "./ratio-interval.js";

/** What a stage took on one side, all groups together. */
interface Times {
  readonly n: number;
  readonly median: number;
  readonly p90: number;
}

/** How the time of one stage has changed, within groups. */
export interface StageChange {
  readonly stage: string;
  readonly before: Times;
  readonly after: Times;
  /** After to before: of one group the ratio of the medians, of several the median of all pairs within groups. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /**
   * What lies between `low` and `high`. `range`: all ratios. There are too few times: whatever they were, no `change` would
   * be told of them.
   */
  readonly interval: "95 %" | "range";
  /** Of the rank sum test within groups, after Holm over all stages. */
  readonly p: number;
  /** Hodges and Lehmann's, in the unit of the times. */
  readonly shiftMs: number;
  /** Missing: it is not shown that it has changed. */
  readonly change?: "slower" | "faster" | "changed, small";
}

export interface Judging extends Pick<Resampling, "random"> {
  /** A change of the median by a smaller part than this is small. Between 0 and 1. */
  readonly relevance?: number;
  /** Among all stages, that something is called changed that is not has this probability at most. Between 0 and 1. */
  readonly alpha?: number;
}

/**
 * Which stages have become slower or faster. Times are compared within their groups, one case on one rig, say. A stage without
 * a group that has times on both sides has no row; a time of 0 has no ratio, and is left out.
 *
 * @throws RangeError for times, relevance or alpha that are none.
 */
export function compareTimes(
  stages: ReadonlyMap<string, readonly Group[]>,
  { relevance = 0.05, alpha = 0.01, random }: Judging,
): StageChange[] {
  checkBetween("relevance", relevance, 0, 1);
  checkBetween("alpha", alpha, 0, 1);
  const compared = [...stages].flatMap(([stage, all]) => {
    const groups = sortedGroups(all.map(([before, after]) => [timesOf(stage, before), timesOf(stage, after)]));
    return groups.length === 0 ? [] : [{ stage, groups }];
  });
  const ps = holm(compared.map(({ groups }) => rankP(groups)));
  return compared.map(({ stage, groups }, index) => {
    const p = ps[index] ?? 1;
    const found = ratioOf(groups);
    const enough = leastP(groups) * compared.length < alpha;
    const interval = enough ? intervalOf(groups, found, { random }) : rangeOf(groups);
    const change = enough && p < alpha ? changeOf(found, relevance) : undefined;
    return {
      stage,
      before: told(groups.flatMap(({ before }) => [...before])),
      after: told(groups.flatMap(({ after }) => [...after])),
      ratio: found,
      ...interval,
      interval: enough ? "95 %" : "range",
      p,
      shiftMs: medianOfPairs(groups, difference),
      ...(change !== undefined && { change }),
    };
  });
}

/** Of one group the ratio of the medians; groups that differ have no median in common. */
function ratioOf(groups: readonly SortedGroup[]): number {
  const [{ before, after } = NONE, ...others] = groups;
  return others.length > 0 ? medianOfPairs(groups, ratio) : medianOf([...after]) / medianOf([...before]);
}

function intervalOf(groups: readonly SortedGroup[], found: number, resampling: Resampling): Interval {
  const [{ before, after } = NONE, ...others] = groups;
  if (others.length > 0) return ratioInterval(groups, found, resampling);
  const { low, high } = bootstrapRatioOfMedians([...before], [...after], resampling);
  return { low: Math.min(low, found), high: Math.max(high, found) };
}
const NONE: SortedGroup = { before: new Float64Array(), after: new Float64Array() };

/** How a ratio is called. */
export function changeOf(found: number, relevance: number): "slower" | "faster" | "changed, small" {
  if (found > 1 + relevance) return "slower";
  return found < 1 - relevance ? "faster" : "changed, small";
}

function timesOf(stage: string, times: readonly number[]): number[] {
  const found = times.filter((ms) => ms !== 0);
  for (const ms of found) checkTime(stage, ms);
  return found;
}

/** Two of so many orders of the times are the most telling ones: all of one side above all of the other, in every group. */
function leastP(groups: readonly SortedGroup[]): number {
  let least = 2;
  for (const { before, after } of groups)
    for (let at = 1; at <= before.length && least > 0; at++) least *= at / (after.length + at);
  return least;
}

const rangeOf = (groups: readonly SortedGroup[]) => ({
  low: pairAt(groups, ratio, 1),
  high: pairAt(groups, ratio, pairsOf(groups)),
});

function told(times: readonly number[]): Times {
  const sorted = Float64Array.from(times).sort();
  return { n: sorted.length, median: medianOf(times), p90: quantileOf(sorted, 0.9) };
}
