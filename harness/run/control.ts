import { HarnessError } from "../base/errors.js";
import type { Emit, Outcome } from "../base/events.js";
import { told } from "../base/files.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { programReference } from "../recover/reference.js";
import type { Reference } from "../recover/rung.js";
import type { Observer } from "../session/stage.js";
import type { OnModule } from "./on-module.js";
import { faultOf, outcomeOf } from "./outcome.js";
import type { Firmware } from "./scenario.js";

/** The rig's known-good firmware, or why there is none. */
export type KnownGood =
  | { readonly firmware: Firmware; readonly trouble?: undefined }
  | { readonly firmware?: undefined; readonly trouble: string };

/** What a firmware is to the last rung of the ladder and to the control experiment. @throws HarnessError IMAGE_INVALID and the like. */
export const referenceOf = (firmware: Firmware): Reference => {
  const { profile, version } = firmware;
  return { plan: firmware.plan(), expected: { profile, version } };
};

/** For the last rung of the ladder; `undefined` where the rig has none that may be flashed: the control experiment says why. */
export const referenceIn = ({ firmware }: KnownGood): Reference | undefined =>
  firmware && told(() => referenceOf(firmware));

interface Circumstances {
  readonly rig: Rig;
  readonly case: string;
  readonly emit: Emit;
  readonly observer: Observer;
  readonly deadline: Deadline;
  readonly module: OnModule;
  readonly known: KnownGood;
}

/**
 * The control experiment: a candidate failed, and a firmware that is known to be good is flashed anew and booted. If that fails
 * as well, it is not the candidate's fault. Where the known one is no whole file, or is the candidate and fails once more, the
 * last one that passed on this module stands in for it.
 *
 * @param failed what the candidate came to.
 * @returns what it comes to now; `isControlled`: the rig is known to be good.
 */
export async function controlled(
  failed: Outcome,
  candidate: Firmware,
  circumstances: Circumstances,
): Promise<{ readonly outcome: Outcome; readonly isControlled: boolean }> {
  const { case: name, emit, deadline, module, known } = circumstances;
  const note = (message: string) => emit({ type: "note", case: name, message });
  const trouble = unfitness(known);
  const isItself = known.firmware?.label === candidate.label;
  const { proven } = module;
  const stand = known.firmware !== undefined && proven?.label !== candidate.label ? proven : undefined;
  let tried: { readonly label: string; readonly error: unknown } | undefined;
  for (const firmware of [
    trouble === undefined ? known.firmware : undefined,
    trouble || isItself ? stand : undefined,
  ]) {
    if (firmware === undefined) continue;
    const { label } = firmware;
    if (firmware === stand) note(`control experiment with ${label}, the last that passed here: ${trouble ?? ITSELF}`);
    const error = await attempted(firmware, circumstances);
    if (error === undefined) {
      note(`control experiment: ${label} was flashed, verified and booted on the same rig`);
      return { outcome: failed, isControlled: true };
    }
    tried = { label, error: error.thrown };
    if (deadline.signal.aborted) return { outcome: outcomeOf(error.thrown, deadline.signal), isControlled: false };
  }
  if (tried !== undefined)
    return {
      outcome: outcomeOf(notTheCandidate(failed, tried.label, tried.error), deadline.signal),
      isControlled: false,
    };
  emit({ type: "note", case: name, message: `no control experiment: ${trouble}`, trouble: true });
  return { outcome: failed, isControlled: false };
}

const ITSELF = "the rig's reference is what has failed";

/** @returns what was thrown; `undefined`: it runs. */
async function attempted(
  firmware: Firmware,
  { rig, case: name, emit, observer, deadline, module }: Circumstances,
): Promise<{ readonly thrown: unknown } | undefined> {
  const { label } = firmware;
  const step = `control experiment: ${label}`;
  emit({ type: "step.started", case: name, step });
  module.firmware = undefined;
  try {
    await programReference(rig, referenceOf(firmware), deadline, observer);
    module.firmware = firmware;
    emit({ type: "step.ended", case: name, step, ok: true });
    emit({ type: "control", case: name, firmware: label, ok: true });
    return undefined;
  } catch (thrown) {
    emit({ type: "step.ended", case: name, step, ok: false });
    emit({ type: "control", case: name, firmware: label, ok: false, fault: faultOf(thrown) });
    return { thrown };
  }
}

/** Why the rig's reference is not to be flashed. */
function unfitness({ firmware, trouble }: KnownGood): string | undefined {
  if (firmware === undefined) return trouble;
  try {
    firmware.plan();
    return undefined;
  } catch (error) {
    return `the rig's reference ${firmware.label} is not to be flashed itself: ${faultOf(error).message.split("\n")[0]}`;
  }
}

function notTheCandidate({ fault }: Outcome, label: string, error: unknown): HarnessError {
  const second = faultOf(error);
  return new HarnessError(
    "CONTROL_FAILED",
    `${fault?.code}: ${fault?.message}; the control experiment with ${label} failed as well: ${second.code}: ${second.message}`,
    {
      cause: error,
      details: { candidate: fault, control: second },
      ...(fault?.diagnosis && { diagnosis: fault.diagnosis }),
    },
  );
}
