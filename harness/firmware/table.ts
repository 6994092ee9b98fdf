import { hexNumber } from "../base/hex.js";
import type { Finding } from "./finding.js";
import {
  FLASH_BYTES,
  type PartitionTable,
  type Slot,
  TABLE_ADDRESSES,
  TABLE_SECTOR_BYTES,
  tableBytes,
} from "./partition.js";

interface Named extends Slot {
  readonly name: string;
}

/** All that is wrong or odd with a table whose CRCs hold. */
export function checkTable(table: PartitionTable, file: string, fileBytes: number): Finding[] {
  const slots = namedSlots(table);
  return [
    ...slots.flatMap((slot, index) => slots.slice(0, index).flatMap((other) => checkOverlap(file, slot, other))),
    ...slots.flatMap((slot) => checkEnd(file, slot)),
    ...checkTrailing(file, tableBytes(table), fileBytes),
  ];
}

/** The two tables first: they lie where no partition may. */
const namedSlots = ({ entries }: PartitionTable): Named[] => [
  ...TABLE_ADDRESSES.map((address, index) => ({ name: `table ${index}`, address, bytes: TABLE_SECTOR_BYTES })),
  ...entries.flatMap(({ name, slots }) =>
    slots.map((slot, index) => ({ ...slot, name: `${name} slot ${index}` })).filter(({ bytes }) => bytes > 0),
  ),
];

function checkOverlap(file: string, slot: Named, other: Named): Finding[] {
  if (slot.address >= endOf(other) || other.address >= endOf(slot) || isAlias(slot, other)) return [];
  const expected = `nothing in common with ${other.name}, ${tellRange(other)}`;
  const at = { file, rule: "partition-overlap", field: slot.name } as const;
  return [{ ...at, severity: "error", expected, found: tellRange(slot) }];
}

/** ST keeps the test firmware in the second slot of the firmware, and names it twice. */
const isAlias = (slot: Named, other: Named): boolean =>
  [slot.name, other.name].sort().join() === "FW slot 1,mfg slot 0" &&
  slot.address === other.address &&
  slot.bytes === other.bytes;

function checkEnd(file: string, slot: Named): Finding[] {
  if (endOf(slot) <= FLASH_BYTES) return [];
  const expected = `an end within ${hexNumber(FLASH_BYTES)} bytes of flash`;
  return [{ severity: "error", file, rule: "partition-end", field: slot.name, expected, found: tellRange(slot) }];
}

function checkTrailing(file: string, expected: number, found: number): Finding[] {
  if (found === expected) return [];
  const at = { file, rule: "length", field: "table", offset: expected } as const;
  return [{ ...at, severity: "warning", expected: `${expected} bytes in all`, found: `${found}` }];
}

const endOf = ({ address, bytes }: Slot): number => address + bytes;

const tellRange = (slot: Slot): string => `${hexNumber(slot.address)} to ${hexNumber(endOf(slot) - 1)}`;
