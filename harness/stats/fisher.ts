import { checkCounts } from "./arguments.js";

/** A table that is as likely as the one seen, but for rounding, counts as that: R has the same number. */
const TOLERANCE = 1e-7;

/**
 * Whether two rates differ: `a` of the first that failed against `b` that did not, `c` of the second against `d`. Two-sided:
 * the probability of all tables with these sums that are as likely as this one or less. With an empty row or column: 1.
 *
 * R. A. Fisher 1935, J. R. Stat. Soc. 98:39.
 *
 * @throws RangeError for counts that are not whole, negative, or beyond 10^9 in all.
 */
export function fisherExact(a: number, b: number, c: number, d: number): number {
  const all = a + b + c + d;
  for (const count of [a, b, c, d]) checkCounts(count, all);
  let seen = 0;
  for (const [at, weight] of hypergeometric(a + b, a + c, all)) if (at === a) seen = weight;
  let [asUnlikely, sum] = [0, 0];
  for (const [, weight] of hypergeometric(a + b, a + c, all)) {
    sum += weight;
    if (weight <= seen * (1 + TOLERANCE)) asUnlikely += weight;
  }
  return asUnlikely / sum;
}

/**
 * How likely each upper left number of a table is, in relation to the likeliest: from that one upwards, then downwards, as far as
 * a number holds it.
 */
function* hypergeometric(row: number, column: number, all: number): Generator<[at: number, weight: number]> {
  const [first, last] = [Math.max(0, row + column - all), Math.min(row, column)];
  const rest = all - row - column;
  const mode = Math.floor(((row + 1) * (column + 1)) / (all + 2));
  for (let [at, weight] = [mode, 1]; at <= last && weight > 0; at++) {
    yield [at, weight];
    weight *= ((row - at) / (at + 1)) * ((column - at) / (rest + at + 1));
  }
  for (let [at, weight] = [mode, 1]; at > first && weight > 0; ) {
    weight *= (at / (row - at + 1)) * ((rest + at) / (column - at + 1));
    yield [--at, weight];
  }
}
