import type { Emit, Fact } from "../../base/events.js";
import { type Clock, Deadline } from "../../base/time.js";
import type { Bay } from "../../base/wire.js";
import { restoreReference } from "../../recover/reference.js";
import { type KnownGood, referenceOf } from "../control.js";
import type { OnModule } from "../on-module.js";
import { faultOf } from "../outcome.js";

/** A flash over a slow adapter is a few minutes. */
const BUDGET_MS = 1_200_000;

interface Circumstances {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Puts the known-good firmware on the module, unless it is there. What keeps it from that is told. Never throws. */
export async function restored(
  bay: Bay,
  module: OnModule,
  { firmware, trouble }: KnownGood,
  { clock, emit, signal }: Circumstances,
): Promise<void> {
  const warn = (why: string) =>
    emit({ type: "run.warned", message: `${bay.name}: the reference firmware was not left on the module: ${why}` });
  if (firmware === undefined) return warn(trouble);
  if (module.holds(firmware)) return;
  try {
    const reference = referenceOf(firmware);
    module.firmware = undefined;
    const deadline = Deadline.in(BUDGET_MS, `${bay.name}: the reference firmware`, clock, signal, "CASE_TIMEOUT");
    await using rig = await bay.open(deadline);
    const noFuse = { ...rig, allow: { ...rig.allow, efuse: false } };
    await restoreReference(noFuse, reference, deadline, {
      stage: () => undefined,
      wear: (erase) => emit({ type: "wear", rig: bay.name, ...erase }),
    });
    module.firmware = firmware;
  } catch (error) {
    const { code, message } = faultOf(error);
    warn(`${firmware.label}: ${code}: ${message.split("\n")[0]}`);
  }
}

/** What is known of the module as its rig is let go of. */
export function leftOn({ name: rig }: Bay, { firmware }: OnModule): Fact {
  if (firmware === undefined) return { type: "module.left", rig, reason: "no case has said, and proved, what it left" };
  const { label, load } = firmware;
  return { type: "module.left", rig, firmware: label, sha256: load().firmware.bodySha256 };
}
