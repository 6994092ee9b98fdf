import type { Facts } from "./facts.js";

export type Status = "passed" | "warned" | "failed" | "not-applicable";

/** What one check of a rig came to. `advice` is empty when there is nothing to do. */
export interface Check {
  /** Stable: a program may look for it. */
  readonly id: string;
  readonly status: Status;
  readonly found: string;
  readonly expected: string;
  readonly advice: string;
}

export type Judgement = Pick<Check, "status" | "found" | "advice">;

/** One check, without the machine: what was read is judged. */
export interface Rule {
  readonly id: string;
  readonly expected: string;
  judge(facts: Facts): Judgement;
}

export const passed = (found: string): Judgement => ({ status: "passed", found, advice: "" });
export const warned = (found: string, advice: string): Judgement => ({ status: "warned", found, advice });
export const failed = (found: string, advice: string): Judgement => ({ status: "failed", found, advice });
export const notApplicable = (found: string): Judgement => ({ status: "not-applicable", found, advice: "" });

export const checkOf = ({ id, expected, judge }: Rule, facts: Facts): Check => ({ id, expected, ...judge(facts) });
