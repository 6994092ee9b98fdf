import type { ErrorCode } from "../../harness/base/errors.js";
import type { Image } from "../../harness/firmware/image.js";
import { compareVersions } from "../../harness/firmware/names.js";
import {
  findPartition,
  type PartitionTable,
  parsePartitionTable,
  type Slot,
  ST_TABLE,
  TABLE_ADDRESSES,
} from "../../harness/firmware/partition.js";
import { type Bench, changed, type Firmware, HarnessError, type Matrix } from "../../harness/run/index.js";

/** What cases need that put wrong contents on a module: that it may be lost, and that BOOT can bring it back, by any rung. */
export const WRONG_CONTENTS = { tags: ["brick"], needs: ["sacrificial", "lines"], ladder: 8 };

/** Of several profiles the first. */
export const newestOfAll = ({ firmwares }: Matrix): Firmware | undefined =>
  firmwares.reduce<Firmware | undefined>(
    (newest, each) => (newest === undefined || compareVersions(each.version, newest.version) > 0 ? each : newest),
    undefined,
  );

interface Laid {
  readonly image: Image;
  readonly table: PartitionTable;
  /** As its file has it. */
  readonly tableBytes: Uint8Array;
  /** Of the firmware: the one that the vendor's table boots, and the other. */
  readonly slots: readonly [Slot, Slot];
}

/** Where a firmware lies. @throws HarnessError SCENARIO_INVALID for a package whose table this cannot be done with. */
export function laidOut(firmware: Firmware): Laid {
  const { files, firmware: image } = firmware.load();
  const written = files.find(({ address }) => address === TABLE_ADDRESSES[0]);
  const table = written === undefined ? ST_TABLE : parsePartitionTable(written.bytes, written.path);
  const slots = findPartition(table, "FW")?.slots;
  if (written !== undefined && slots !== undefined && slots[1].bytes >= image.bytes.length)
    return { image, table, tableBytes: written.bytes, slots };
  throw new HarnessError("SCENARIO_INVALID", `${firmware.label}: expected a table with two slots for the firmware`);
}

/** With nothing left of what was there before: the vendor's ini of mfg erases file by file, and lets a second table live. */
const onBlank = (firmware: Firmware): Firmware =>
  firmware.load().erase === 2 ? firmware : changed(firmware, "after a chip erase", { erase: 2 });

/** The module as it must begin: with this firmware, which is seen to boot. Ends the case where no rig could tell. */
export async function beginWith({ flash, boot, skip }: Bench, firmware: Firmware): Promise<void> {
  await flash(onBlank(firmware));
  const { banner } = await boot(firmware);
  if (banner === undefined) skip("this rig does not hear what a boot prints: which firmware boots cannot be told");
}

/** The module as it must be left. */
export async function leaveWith({ flash, boot }: Bench, firmware: Firmware): Promise<void> {
  await flash(onBlank(firmware));
  await boot(firmware);
}

/** The error of this code that must come; any other is what it is. @param claim what is wrong when none comes. */
export async function refusedWith(code: ErrorCode, claim: string, work: Promise<unknown>): Promise<HarnessError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HarnessError && error.code === code) return error;
    throw error;
  }
  throw new HarnessError("EXPECTATION_FAILED", `${claim}: expected ${code}, and nothing was refused`);
}

/** boot2 must start nothing, say so again and again, and name this number. */
export async function expectRejected({ boot, note, expect }: Bench, firmware: Firmware, reason: string): Promise<void> {
  const refusal = await refusedWith("BOOT_REJECTED", "a boot that boot2 must refuse", boot(firmware));
  note(refusal.message);
  expect(refusal.details["reason"]).toBe(reason);
}
