import { inspect, stripVTControlCharacters } from "node:util";
import { asHarnessError, type Blame, HarnessError, reasonOf, unfolded } from "../base/errors.js";
import type { Fault, Outcome, Verdict } from "../base/events.js";
import { Skipped } from "./scenario.js";
import { isOurs, scenarioLine } from "./where.js";

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
  try {
    return tellable(error);
  } catch (trap) {
    const message = `what was thrown cannot be told: ${said(trap)}`;
    return tellable(new HarnessError("SCENARIO_THREW", message));
  }
}

/** What was thrown may throw, when it is looked at; so may what it throws then. */
function said(trap: unknown): string {
  try {
    return String(trap);
  } catch {
    return "it throws, too";
  }
}

function tellable(error: unknown): Fault {
  const { code, blame, message, advice, details, diagnosis } = fromScenario(error);
  const at = scenarioLine(error);
  return {
    code,
    blame,
    // Types are not checked where a scenario throws one of ours.
    message: String(message),
    advice: String(advice),
    ...(Object.keys(details).length > 0 && { details: plain(details) }),
    ...(diagnosis.length > 0 && { diagnosis: diagnosis.map(String) }),
    ...(at !== undefined && { at }),
  };
}

/** As JSON has it. What JSON has no word for (a `bigint`, what holds itself) is told as people read it. */
function plain(details: HarnessError["details"]): Fault["details"] & object {
  try {
    return { ...JSON.parse(JSON.stringify(details)) };
  } catch {
    return { told: told(details) };
  }
}

/** The verdict for what a case threw: decided by blame alone, unless the operator called the run off. */
export function outcomeOf(error: unknown, signal: AbortSignal): Outcome {
  try {
    if (error instanceof Skipped) return { verdict: "skipped", reason: error.message };
    return brokenBy(signal.aborted ? reasonOf(signal.reason, error) : error);
  } catch {
    // What was thrown throws when it is looked at.
    return brokenBy(signal.aborted ? signal.reason : error);
  }
}

function brokenBy(error: unknown): Outcome {
  const fault = faultOf(error);
  return { verdict: VERDICTS[fault.blame], fault };
}

/**
 * An `expect` that does not hold is the scenario's claim that fails; anything else that we did not throw is the
 * scenario's own error. Of several that came together each is told.
 */
function fromScenario(thrown: unknown): HarnessError {
  const [error = thrown, ...others] = unfolded(thrown);
  if (error instanceof HarnessError && others.length === 0) return error;
  const told = error instanceof HarnessError ? error : ofBody(error);
  if (others.length === 0) return told;
  const { code, details, advice } = told;
  const message = [told.message, ...others.map(tellOther)].join("\n");
  return new HarnessError(code, message, { cause: thrown, details, advice });
}

function ofBody(error: unknown): HarnessError {
  if (error instanceof Error && "matcherResult" in error)
    return new HarnessError("EXPECTATION_FAILED", stripVTControlCharacters(error.message), { cause: error });
  if (isOurs(error)) return asHarnessError(error);
  const message =
    error instanceof Error ? `${error.name}: ${error.message}` : `expected an Error, thrown was ${told(error)}`;
  return new HarnessError("SCENARIO_THREW", message, { cause: error });
}

const tellOther = (error: unknown): string =>
  `and: ${error instanceof Error ? `${error.name}: ${error.message}` : told(error)}`;

/** `inspect` never throws, whatever was thrown. */
const told = (value: unknown): string =>
  inspect(value, { depth: 1, maxStringLength: 200, breakLength: Number.POSITIVE_INFINITY });
