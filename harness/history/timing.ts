import { medianOf } from "../base/median.js";
import { byName } from "./changes.js";
import type { Judged } from "./judged.js";

/** How the time of one stage has changed: ratios now to before, of cases that passed both times. */
export interface StageChange {
  readonly stage: string;
  readonly pairs: number;
  /** The median of the ratios. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** What lies between `low` and `high`: with too few pairs for an interval, all ratios. */
  readonly interval: "95 %" | "range";
  readonly change?: "slower" | "faster";
}

/** Below this nobody cares. */
const RELEVANT = 0.05;
const ALPHA = 0.05;

/** Every stage that can be compared, in the order of their names. */
export function timingOf(before: readonly Judged[], now: readonly Judged[]): StageChange[] {
  const old = byName(before);
  const ratios = new Map<string, number[]>();
  for (const { name, verdict, stages } of byName(now).values()) {
    const was = old.get(name);
    if (verdict !== "passed" || was?.verdict !== "passed") continue;
    for (const [stage, ms] of stages) {
      const wasMs = was.stages.get(stage) ?? 0;
      if (wasMs <= 0) continue;
      const all = ratios.get(stage) ?? [];
      all.push(ms / wasMs);
      ratios.set(stage, all);
    }
  }
  return [...ratios].sort(([a], [b]) => (a < b ? -1 : 1)).map(([stage, all]) => changeOf(stage, all));
}

function changeOf(stage: string, ratios: readonly number[]): StageChange {
  const sorted = [...ratios].sort((a, b) => a - b);
  const ratio = medianOf(sorted);
  const rank = signRank(sorted.length);
  const at = Math.max(rank, 1) - 1;
  const [low = ratio, high = ratio] = [sorted[at], sorted[sorted.length - 1 - at]];
  const change = low > 1 && ratio > 1 + RELEVANT ? "slower" : high < 1 && ratio < 1 - RELEVANT ? "faster" : undefined;
  return {
    ...{ stage, pairs: sorted.length, ratio, low, high },
    interval: rank > 0 ? "95 %" : "range",
    ...(change !== undefined && { change }),
  };
}

/**
 * The exact sign test: between the so-manieth number from below and the so-manieth from above lies the median, with a
 * confidence of at least 95 %. 0: there are fewer than six, and no two of them are that sure.
 */
export function signRank(count: number): number {
  let rank = 0;
  // P(X = k) of a binomial with p = 1/2, as a logarithm: 2 ** -count is no number any more from 1075 on.
  let logTerm = -count * Math.LN2;
  let tail = 0;
  for (let k = 0; k < count / 2; k++) {
    tail += Math.exp(logTerm);
    if (2 * tail > ALPHA) break;
    rank = k + 1;
    logTerm += Math.log((count - k) / (k + 1));
  }
  return rank;
}
