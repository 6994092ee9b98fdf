import type { RigConfig } from "../../../rigs/file/schema.js";
import { HarnessError } from "../../base/errors.js";
import { AT_THE_BENCH, FIRST_DESTRUCTIVE, LAST_RUNG, type Recovery, type Reference } from "../../recover/rung.js";

interface Asked {
  readonly recover?: number | undefined;
  /** Where the reference firmware is. */
  readonly firmware?: string | undefined;
}

/**
 * The ladder as far as `--recover` and the rig file both allow. The rungs that erase the whole chip need a rig file that
 * names a reference firmware: that says what this module may be made into. A simulated module may always be erased.
 *
 * @throws HarnessError RECOVERY_REFUSED; USAGE, FIRMWARE_NOT_FOUND and the like for the reference. No rig was touched.
 */
export async function recoveryOf(
  { recover, firmware }: Asked,
  { name, reference }: RigConfig,
  simulated: boolean,
): Promise<Recovery> {
  if (recover === undefined) return AT_THE_BENCH;
  const refused = (what: string) =>
    new HarnessError("RECOVERY_REFUSED", `--recover ${recover}: ${what}, and ${name} names none`);
  if (recover >= FIRST_DESTRUCTIVE && reference === undefined && !simulated)
    throw refused("erasing the whole chip needs a rig file with a reference firmware");
  if (recover < LAST_RUNG) return { top: recover };
  if (reference === undefined) throw refused("the last rung programs the rig's reference firmware");
  return { top: recover, reference: await referenceOf(reference, firmware, simulated) };
}

/** A rig's known-good firmware. @throws HarnessError USAGE, FIRMWARE_NOT_FOUND and the like. */
export async function referenceOf(
  { profile, fwVersion }: NonNullable<RigConfig["reference"]>,
  folder: string | undefined,
  simulated: boolean,
): Promise<Reference> {
  const [{ chooseOne }, { loadFirmware }, { planOf }] = await Promise.all([
    import("../options/firmwares.js"),
    import("../../firmware/package.js"),
    import("../../flash/plan.js"),
  ]);
  const { pkg, version } = await chooseOne(folder, profile, fwVersion, simulated);
  return { plan: planOf(loadFirmware(pkg, profile, version)), expected: { profile, version } };
}
