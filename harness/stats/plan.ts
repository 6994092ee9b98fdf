import { checkBetween } from "./arguments.js";

/** What a plan tells apart, and how often it may be wrong in that. */
export interface Rates {
  /** A failure rate that is good enough: it is rejected with probability `alpha` at most. */
  readonly p0: number;
  /** One that is too high: it is accepted with probability `beta` at most. */
  readonly p1: number;
  readonly alpha: number;
  readonly beta: number;
}

/** @throws RangeError unless 0 < p0 < p1 < 1, and alpha and beta lie between 0 and 0.5. */
export function checkRates({ p0, p1, alpha, beta }: Rates): void {
  checkBetween("p1", p1, 0, 1);
  checkBetween("p0", p0, 0, p1);
  checkBetween("alpha", alpha, 0, 0.5);
  checkBetween("beta", beta, 0, 0.5);
}

/** The logarithm of how much likelier these counts are at p1 than at p0. */
export function logLikelihoodRatio(failures: number, cycles: number, { p0, p1 }: Pick<Rates, "p0" | "p1">): number {
  const ofPass = Math.log1p(-p1) - Math.log1p(-p0);
  return failures * Math.log(p1 / p0) + (cycles - failures) * ofPass;
}
