import { checkNumbers } from "./arguments.js";

/**
 * The p values of several tests, made larger so that one below alpha is false, anywhere among them, with probability alpha
 * at most. In their order.
 *
 * S. Holm 1979, Scand. J. Statist. 6:65.
 *
 * @param ps from 0 to 1.
 * @throws RangeError for numbers that are no probabilities.
 */
export function holm(ps: readonly number[]): number[] {
  checkNumbers("ps", ps);
  const wrong = ps.find((p) => p < 0 || p > 1);
  if (wrong !== undefined) throw new RangeError(`ps: expected numbers from 0 to 1; got ${wrong}`);
  const adjusted = new Array<number>(ps.length).fill(1);
  let most = 0;
  const ascending = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  for (const [rank, { p, index }] of ascending.entries()) {
    most = Math.max(most, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = most;
  }
  return adjusted;
}
