import { checkBetween, checkCounts } from "./arguments.js";

/**
 * P(X <= k) of `n` tries with probability `p` each, to some 13 digits of what is the smaller side.
 *
 * @throws RangeError for counts that are none, and a `p` that is not between 0 and 1.
 */
export function atMost(k: number, n: number, p: number): number {
  checkCounts(k, n);
  checkBetween("p", p, 0, 1);
  // Only away from the mean do the terms fall, and the sum ends before it has had all of them.
  return k < n * p ? sumDown(k, n, p) : 1 - sumUp(k + 1, n, p);
}

/** P(X >= k), as `atMost`. */
export function atLeast(k: number, n: number, p: number): number {
  checkCounts(k, n);
  checkBetween("p", p, 0, 1);
  return k > n * p ? sumUp(k, n, p) : 1 - sumDown(k - 1, n, p);
}

function sumDown(k: number, n: number, p: number): number {
  let sum = 0;
  let term = k < 0 ? 0 : exactly(k, n, p);
  for (let at = k; at >= 0 && term > sum * Number.EPSILON * 1e-2; at--) {
    sum += term;
    term *= (at / (n - at + 1)) * ((1 - p) / p);
  }
  return sum;
}

function sumUp(k: number, n: number, p: number): number {
  let sum = 0;
  let term = k > n ? 0 : exactly(k, n, p);
  for (let at = k; at <= n && term > sum * Number.EPSILON * 1e-2; at++) {
    sum += term;
    term *= ((n - at) / (at + 1)) * (p / (1 - p));
  }
  return sum;
}

/**
 * P(X = k), by Stirling's formula with its error term, so that no large logarithms cancel each other (C. Loader 2000,
 * "Fast and Accurate Computation of Binomial Probabilities").
 *
 * @param p between 0 and 1, both excluded.
 */
export function exactly(k: number, n: number, p: number): number {
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const scale = Math.log(n / (2 * Math.PI * k * (n - k))) / 2;
  const errors = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  return Math.exp(scale + errors - deviance(k, n * p) - deviance(n - k, n * (1 - p)));
}

/** ln(n!) minus Stirling's formula for it: five terms of the series have 15 digits from 16 on. */
function stirlingError(n: number): number {
  if (n >= 16) return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / n ** 2) / n ** 2) / n ** 2) / n ** 2) / n;
  let factorial = 1;
  for (let at = 2; at <= n; at++) factorial *= at;
  return Math.log(factorial) - (n + 0.5) * Math.log(n) + n - Math.log(2 * Math.PI) / 2;
}

/** k ln(k / mean) + mean - k: twice summed over both outcomes, the deviance. */
function deviance(k: number, mean: number): number {
  const off = (k - mean) / mean;
  return mean * ((1 + off) * Math.log1p(off) - off);
}
