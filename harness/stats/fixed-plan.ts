import { checkCounts } from "./arguments.js";
import { atLeast, atMost } from "./binomial.js";
import { checkRates, logLikelihoodRatio, type Rates } from "./plan.js";
import type { Decision } from "./sprt.js";

/**
 * A number of cycles that was fixed beforehand, judged once, at its end. It accepts where the one-sided Clopper-Pearson bound
 * at confidence 1 - beta says that the rate is not above p1, and rejects where that at 1 - alpha says that it is not below
 * p0. Where many cycles at a rate between say both, the likelier of p0 and p1 decides; where they say neither, they were
 * too few.
 *
 * As the success-ratio plans of IEC 61123.
 *
 * @throws RangeError: see `checkRates`; or for counts that are none.
 */
export function judgeFixed(judged: Rates & { readonly failures: number; readonly cycles: number }): Decision {
  const { failures, cycles, p0, p1, alpha, beta } = judged;
  checkRates(judged);
  checkCounts(failures, cycles);
  const accepts = atMost(failures, cycles, p1) <= beta;
  const rejects = atLeast(failures, cycles, p0) <= alpha;
  if (accepts && rejects) return logLikelihoodRatio(failures, cycles, judged) > 0 ? "reject" : "accept";
  if (accepts) return "accept";
  return rejects ? "reject" : "undecided";
}
