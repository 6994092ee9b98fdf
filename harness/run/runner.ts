import { asHarnessError, HarnessError } from "../base/errors.js";
import type { Outcome } from "../base/events.js";
import { Deadline } from "../base/time.js";
import type { Bay } from "../base/wire.js";
import type { Attempted } from "./body.js";
import { CaseTrace } from "./case-trace.js";
import type { Context } from "./context.js";
import { Evidence } from "./evidence.js";
import type { Case } from "./matrix.js";
import { OnModule } from "./on-module.js";
import { faultOf, outcomeOf } from "./outcome.js";
import { printedBy } from "./output.js";
import { spared } from "./set-up.js";
import { Trial } from "./trial.js";

/** How a case ended. */
export type Ended = Outcome & {
  /** The rig could not be made safe: nothing may use it any more. */
  readonly retired: boolean;
  /** The body has ended, too: none of it goes on. */
  readonly settled: boolean;
};

/**
 * Runs one case. The rig is in its safe state before it resolves; one that cannot be made safe is retired, and both errors are told.
 *
 * @param number of the attempt, from 1 on: each keeps its files apart.
 */
export async function runCase(one: Case, bay: Bay, context: Context, number = 1): Promise<Ended> {
  const { signal, module = new OnModule() } = context;
  const evidence = new Evidence(context.folder, one.name, context.emit, number);
  const { emit } = evidence;
  emit({ type: "case.started", ...placeOf(one, bay), properties: propertiesOf(one, bay, context) });
  let attempted: Attempted | undefined;
  let retired = false;
  let trace: CaseTrace | undefined;
  using _ = printedBy(evidence);
  try {
    const early = spared(one, module, signal, context.isBeforeJudged);
    if (early?.verdict === "skipped") attempted = { outcome: early, settled: true };
    else {
      trace = new CaseTrace(one.name, bay, context, evidence);
      await using rig = await bay.open(deadlineOf(one, context));
      const trial = new Trial(one, trace.of(rig), bay, { ...context, module }, evidence, trace);
      attempted = early === undefined ? await trial.run() : await trial.convict(early);
    }
  } catch (error) {
    const cause = attempted === undefined ? error : notSafe(bay, error);
    retired = attempted !== undefined;
    if (retired) emit({ type: "rig.retired", rig: bay.name, fault: evidence.boundedFault(faultOf(cause)) });
    attempted ??= { outcome: outcomeOf(cause, signal), settled: true };
  }
  if (retired) module.firmware = undefined;
  evidence.end();
  const { settled } = attempted;
  const incomplete = attempted.outcome.verdict === "passed" ? evidence.failure : undefined;
  const outcome = incomplete === undefined ? attempted.outcome : outcomeOf(incomplete, signal);
  trace?.end(outcome.verdict);
  const { fault, reason } = outcome;
  return {
    ...outcome,
    ...(reason !== undefined && { reason: evidence.boundedReason(reason) }),
    ...(fault !== undefined && { fault: evidence.boundedFault(fault) }),
    retired,
    settled,
  };
}

/** For opening the rig; a trial has its own. */
const deadlineOf = ({ name, timeoutMs }: Case, { clock, signal }: Context): Deadline =>
  Deadline.in(timeoutMs, `case ${name}`, clock, signal, "CASE_TIMEOUT");

/** Whatever kept a rig from ending well, told as that. */
function notSafe({ name }: Bay, error: unknown): HarnessError {
  const told = asHarnessError(error);
  if (told.code === "RIG_NOT_SAFE") return told;
  return new HarnessError("RIG_NOT_SAFE", `${name}: ${told.message}`, { cause: error });
}

const placeOf = ({ name, scenario }: Case, bay: Bay) => ({ case: name, scenario, rig: bay.name });

/** What a reader of the report wants to sort by. A firmware that cannot be read has no hash; the case itself will say why. */
function propertiesOf({ firmwares, before, after }: Case, bay: Bay, { seed }: Context): Record<string, string> {
  const properties: Record<string, string> = {
    ...{ rig: bay.name, seed: String(seed) },
    ...(before !== undefined && { before: before.label }),
    ...(after !== undefined && { after: after.label }),
  };
  for (const [index, { profile, version, load }] of firmwares.entries()) {
    const prefix = index === firmwares.length - 1 ? "fw" : "from";
    properties[`${prefix}.profile`] = profile;
    properties[`${prefix}.version`] = version;
    try {
      const { firmware, files } = load();
      properties[`${prefix}.sha256`] = firmware.bodySha256;
      const boot2 = files.find(({ image }) => image?.kind === "boot2")?.image;
      if (boot2 !== undefined) properties["boot2.sha256"] = boot2.bodySha256;
    } catch {
      // Told when the case asks for the plan.
    }
  }
  return properties;
}
