import type { Outcome } from "../../base/events.js";
import type { Settled } from "./attempt.js";
import type { Chosen } from "./choose.js";

/** One case and the attempts at it. */
export class Tries {
  readonly one: Chosen;
  /** Rigs that broke it by a fault of their own. */
  readonly brokenOn = new Set<string>();
  #left: number;
  #number: number;
  #before: { readonly outcome: Outcome; readonly rig: string } | undefined;

  /** @param retries how often it may begin once more. @param number of the first attempt here, where others were elsewhere. */
  constructor(one: Chosen, retries: number, number = 1) {
    this.one = one;
    this.#left = retries;
    this.#number = number;
  }

  /** Of the next attempt, from 1 on. */
  get number(): number {
    return this.#number;
  }

  /** What it comes to by the attempts that there were, and where it came to that: a failure counts more than what was broken. */
  get before(): { readonly outcome: Outcome; readonly rig: string } | undefined {
    return this.#before;
  }

  /**
   * What becomes of it by an attempt on `rig` that ended so. What one attempt proved against the module, only an attempt
   * that passes makes flaky: no later one that broke, was skipped or called off undoes it.
   *
   * @param isElsewhere another rig could take it: one that its rig broke gets that chance, without being asked for.
   */
  settle(came: Outcome, rig: string, isCalledOff: boolean, isElsewhere: () => boolean): Settled {
    const { verdict, fault } = came;
    const isJudged = verdict === "passed" || verdict === "failed";
    const before = this.#before?.outcome;
    const counts = before?.verdict === "failed" || verdict === "skipped";
    const outcome = !isJudged && counts ? (before ?? came) : came;
    if (isCalledOff || (verdict !== "failed" && verdict !== "broken")) return { outcome, again: false };
    const isOfRig = verdict === "broken" && (fault?.blame === "rig" || fault?.blame === "link");
    if (isOfRig) this.brokenOn.add(rig);
    const isMoved = isOfRig && this.brokenOn.size === 1 && isElsewhere();
    // What the user has to mend is as it was.
    const isRetried = !isMoved && this.#left > 0 && fault?.blame !== "config";
    if (!isMoved && !isRetried) return { outcome, again: false };
    if (isRetried) this.#left--;
    this.#number++;
    if (before?.verdict !== "failed" || verdict === "failed") this.#before = { outcome: came, rig };
    return { outcome: came, again: true };
  }
}
