import { checkBetween, checkTime, checkWhole } from "./arguments.js";
import type { Interval } from "./intervals.js";
import { quantileOf } from "./quantiles.js";

export interface Resampling {
  /** From 0 to 1, 1 excluded: a seeded one gives the same interval each time. */
  readonly random: () => number;
  /** Whole, at least 1. */
  readonly resamples?: number;
  /** Between 0 and 1, both excluded. */
  readonly confidence?: number;
}

export const RESAMPLES = 2000;
export const CONFIDENCE = 0.95;

/**
 * Between what the ratio of medians, b to a, is likely to lie: the percentiles of what it is when as many are drawn anew from
 * each side, again and again.
 *
 * Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
 *
 * @param a at least one, each from 1e-100 to 1e100, as `b`.
 * @throws RangeError for other numbers, resamples or confidence.
 */
export function bootstrapRatioOfMedians(
  a: readonly number[],
  b: readonly number[],
  { random, resamples = RESAMPLES, confidence = CONFIDENCE }: Resampling,
): Interval {
  checkResampling(resamples, confidence);
  checkPositive("a", a);
  checkPositive("b", b);
  const [ofA, ofB] = [resampledMedians(a, random), resampledMedians(b, random)];
  return percentiles(
    new Float64Array(resamples).map(() => ofB() / ofA()),
    confidence,
  );
}

/** The middle part of `values`, which it sorts. */
export function percentiles(values: Float64Array, confidence: number): Interval {
  values.sort();
  return { low: quantileOf(values, (1 - confidence) / 2), high: quantileOf(values, (1 + confidence) / 2) };
}

export function checkResampling(resamples: number, confidence: number): void {
  checkWhole("resamples", resamples, 1, 1e7);
  checkBetween("confidence", confidence, 0, 1);
}

function checkPositive(name: string, values: readonly number[]): void {
  if (values.length === 0) throw new RangeError(`${name}: expected at least one number; got none`);
  for (const value of values) checkTime(name, value);
}

/** Sorted once, and not at each resample: how often each number was drawn leads to the middle. */
function resampledMedians(values: readonly number[], random: () => number): () => number {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  const times = new Uint32Array(count);
  const [lower, upper] = [Math.floor((count - 1) / 2), Math.floor(count / 2)];
  return () => {
    times.fill(0);
    for (let draw = 0; draw < count; draw++) {
      const at = Math.floor(random() * count);
      times[at] = (times[at] ?? 0) + 1;
    }
    let [at, passed] = [0, times[0] ?? 0];
    while (passed <= lower) passed += times[++at] ?? 0;
    const low = sorted[at] ?? 0;
    while (passed <= upper) passed += times[++at] ?? 0;
    return (low + (sorted[at] ?? 0)) / 2;
  };
}
