import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig, Straps } from "../base/wire.js";

/** So many bytes are flipped: an odd number of them never leaves the sum of a frame as it was. */
const FLIPPED_BYTES = 3;

/** CHIP_EN drops and comes back, BOOT stays as it is. */
export async function dropChipEn(rig: Rig, deadline: Deadline): Promise<void> {
  const straps = linesOf(rig);
  await straps.set("chipEn", false, deadline);
  await deadline.sleep(rig.timing.resetMs);
  await straps.set("chipEn", true, deadline);
}

/** The supply goes and comes back. CHIP_EN is low meanwhile, since it would feed a module without supply. */
export async function cutPower(rig: Rig, deadline: Deadline): Promise<void> {
  const straps = linesOf(rig);
  if (!rig.switchesPower)
    throw new HarnessError("LINES_NOT_DRIVEN", `${rig.name}: this rig does not switch the module's power`);
  await straps.set("power", false, deadline);
  await straps.set("chipEn", false, deadline);
  await deadline.sleep(rig.timing.powerOffMs);
  await straps.set("power", true, deadline);
  await straps.set("chipEn", true, deadline);
}

/** `bytes` with some of them turned round, from `at` on. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index >= at && index < at + FLIPPED_BYTES ? byte ^ 0xff : byte));
}

function linesOf({ name, straps }: Rig): Straps {
  if (straps !== undefined) return straps;
  throw new HarnessError("LINES_NOT_DRIVEN", `${name}: this rig drives neither BOOT nor CHIP_EN`);
}
