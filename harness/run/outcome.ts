import { asHarnessError, type Blame, HarnessError, reasonOf } from "../base/errors.js";
import type { Fault, Outcome, Verdict } from "../base/events.js";
import { Skipped } from "./scenario.js";

const VERDICTS: Record<Blame, Verdict> = {
  module: "failed",
  firmware: "failed",
  link: "broken",
  rig: "broken",
  config: "broken",
  harness: "broken",
  unknown: "broken",
  operator: "aborted",
};

export function faultOf(error: unknown): Fault {
  const { code, blame, message, advice, details } = fromScenario(error);
  return { code, blame, message, advice, ...(Object.keys(details).length > 0 && { details }) };
}

/** The verdict for what a case threw: decided by blame alone, unless the operator called the run off. */
export function outcomeOf(error: unknown, signal: AbortSignal): Outcome {
  if (error instanceof Skipped) return { verdict: "skipped", reason: error.message };
  const fault = faultOf(signal.aborted ? reasonOf(signal.reason, error) : error);
  return { verdict: VERDICTS[fault.blame], fault };
}

/** An `expect` that does not hold is the scenario's claim that fails; anything else that we did not throw is a bug. */
function fromScenario(error: unknown): HarnessError {
  const isExpectation = error instanceof Error && "matcherResult" in error;
  return isExpectation
    ? new HarnessError("EXPECTATION_FAILED", error.message, { cause: error })
    : asHarnessError(error);
}
