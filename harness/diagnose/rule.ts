import type { CauseCode } from "./codes.js";
import type { Evidence } from "./evidence.js";
import type { Picture } from "./picture.js";

/** In this order. No number stands behind them: nobody has counted. */
export const LIKELIHOODS = ["certain", "likely", "possible", "unlikely"] as const;
export type Likelihood = (typeof LIKELIHOODS)[number];

/** What else the same log shows. */
export interface Beside {
  /** The same line carried the working rate: here, or in another run of the log. */
  readonly fastBefore: Evidence | undefined;
}

/** When something is a cause: the line that speaks for it. Of the rules with one code the first that fits counts. */
export interface Rule {
  readonly code: CauseCode;
  readonly likelihood: Likelihood;
  readonly when: (picture: Picture, beside: Beside) => Evidence | undefined;
  readonly advice?: string;
}
