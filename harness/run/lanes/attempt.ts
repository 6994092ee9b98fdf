import type { Outcome } from "../../base/events.js";

/** One attempt at a case. */
export interface Attempt {
  /** From 1 on. */
  readonly number: number;
  /**
   * What the case comes to by an attempt that ended so, or that it begins once more. Asked as soon as it has ended, before
   * anything is heard that came later.
   */
  readonly settle: (outcome: Outcome) => Settled;
}

export interface Settled {
  readonly outcome: Outcome;
  readonly again: boolean;
}
