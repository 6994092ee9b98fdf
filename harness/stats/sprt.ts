import { checkWhole } from "./arguments.js";
import { checkRates, logLikelihoodRatio, type Rates } from "./plan.js";

export interface SprtPlan extends Rates {
  /** So many cycles at most, whole, from 1 on: what is not decided by then stays so. */
  readonly max: number;
}

/** `undecided`: the most cycles were run and neither bound was reached. */
export type Decision = "accept" | "reject" | "undecided";

/**
 * Wald's sequential probability ratio test, truncated: it may be looked at after every cycle, which a plan of a fixed number
 * of cycles may not (looking at a 95 % bound each time rejects a good firmware in a fifth of the runs). How often it is
 * wrong, alpha and beta, holds to within the last step over a bound; cutting it off makes neither more frequent.
 *
 * A. Wald 1945, Ann. Math. Stat. 16:117.
 */
export class Sprt {
  readonly plan: SprtPlan;
  readonly bounds: { readonly accept: number; readonly reject: number };
  #n = 0;
  #failures = 0;

  /** @throws RangeError: see `checkRates`; or for a `max` that is not whole and at least 1. */
  constructor(plan: SprtPlan) {
    checkRates(plan);
    checkWhole("max", plan.max, 1, Number.MAX_SAFE_INTEGER);
    this.plan = plan;
    this.bounds = boundsOf(plan);
  }

  /** @throws RangeError after a decision: what comes then would be judged by another test. */
  add(failed: boolean): void {
    if (this.decision !== undefined) throw new RangeError(`the test has ended after ${this.#n} cycles`);
    this.#n++;
    if (failed) this.#failures++;
  }

  get n(): number {
    return this.#n;
  }

  get failures(): number {
    return this.#failures;
  }

  /** From the counts, so that it does not depend on the order of the cycles, and 72 equal steps round only once. */
  get llr(): number {
    return logLikelihoodRatio(this.#failures, this.#n, this.plan);
  }

  /** `undefined`: go on. */
  get decision(): Decision | undefined {
    if (this.llr <= this.bounds.accept) return "accept";
    if (this.llr >= this.bounds.reject) return "reject";
    return this.#n === this.plan.max ? "undecided" : undefined;
  }
}

/** After so many cycles without a failure `Sprt` accepts, and not before. @throws RangeError: see `checkRates`. */
export function cleanCyclesToAccept(rates: Rates): number {
  checkRates(rates);
  const { accept } = boundsOf(rates);
  const about = Math.ceil(accept / logLikelihoodRatio(0, 1, rates));
  // The quotient may be rounded over a whole number that the product is not.
  if (logLikelihoodRatio(0, about, rates) > accept) return about + 1;
  return logLikelihoodRatio(0, about - 1, rates) <= accept ? about - 1 : about;
}

const boundsOf = ({ alpha, beta }: Rates) => ({
  accept: Math.log(beta / (1 - alpha)),
  reject: Math.log((1 - beta) / alpha),
});
