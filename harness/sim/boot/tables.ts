import {
  encodePartitionTable,
  findPartition,
  type Partition,
  type PartitionTable,
  parsePartitionTable,
  TABLE_ADDRESSES,
} from "../../firmware/partition.js";
import type { Quirks } from "../quirks.js";
import type { Nor } from "../silicon/nor.js";
import { SECTOR_BYTES } from "../silicon/pages.js";

/** Where boot2 takes the firmware to be when no partition table is valid. */
const DEFAULT_FIRMWARE_ADDRESS = 0x10000;

/** The table that counts. */
export interface FoundTable {
  readonly table: PartitionTable;
  /** Where the other one is, or would be: what a new one is written over. */
  readonly otherAddress: number;
}

/** The valid table with the higher age, the first on a tie. */
export function tableInUse(nor: Nor, { secondTable }: Quirks): FoundTable | undefined {
  const [first, second] = TABLE_ADDRESSES;
  const read = (address: number): PartitionTable | undefined => {
    const sector = nor.read(address, SECTOR_BYTES);
    // Erased, as the second nearly always is: no error with a stack is made for that.
    if (sector[0] === 0xff) return undefined;
    try {
      return parsePartitionTable(sector, "table");
    } catch {
      return undefined;
    }
  };
  const [one, two] = [read(first), secondTable ? read(second) : undefined];
  if (two !== undefined && (one === undefined || two.age > one.age)) return { table: two, otherAddress: first };
  return one && { table: one, otherAddress: second };
}

/**
 * Where boot2 finds the firmware: the active slot of the table that counts.
 *
 * @returns `undefined`: nowhere.
 */
export function firmwareAddress(nor: Nor, quirks: Quirks): number | undefined {
  const firmware = firmwareIn(tableInUse(nor, quirks));
  return firmware?.slots[firmware.active].address ?? (quirks.defaultFirmware ? DEFAULT_FIRMWARE_ADDRESS : undefined);
}

export const firmwareIn = (found: FoundTable | undefined): Partition | undefined =>
  found && findPartition(found.table, "FW");

/** The next generation of `table`: the firmware is in slot `active`, and has so many bytes. */
export function nextTable(table: PartitionTable, active: 0 | 1, length: number): Uint8Array {
  const older = (age: number) => (age + 1) >>> 0;
  const entries = table.entries.map((entry) =>
    entry.name === "FW" ? { ...entry, active, length, age: older(entry.age) } : entry,
  );
  return encodePartitionTable({ age: older(table.age), entries });
}
