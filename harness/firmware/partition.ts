import { crc32 } from "node:zlib";
import type { HarnessError } from "../base/errors.js";
import { hex, hexNumber } from "../base/hex.js";
import { text, view } from "./bytes.js";
import { type Flaw, flawed } from "./flaw.js";

/** A range of flash, in bytes. */
export interface Slot {
  readonly address: number;
  /** Most that it may hold; 0: there is no such slot. */
  readonly bytes: number;
}

export interface Partition {
  /** At most 8 ASCII characters. */
  readonly name: string;
  /** 0 firmware, 2 media; the rest as ST's table uses them. */
  readonly type: number;
  /** 0: the SPI flash. */
  readonly device: number;
  /** Which slot boots. */
  readonly active: 0 | 1;
  readonly slots: readonly [Slot, Slot];
  /** Bytes in use; ST writes 0. */
  readonly length: number;
  readonly age: number;
}

export interface PartitionTable {
  /** Of the two tables in the flash the one with the higher age counts, the first on a tie. */
  readonly age: number;
  readonly entries: readonly Partition[];
}

/** Where the two tables lie in the flash. The vendor's tool only writes the first, with age 0. */
export const TABLE_ADDRESSES = [0xe000, 0xf000] as const;

/** Room for one table: a sector. */
export const TABLE_SECTOR_BYTES = 0x1000;

/** The flash of every ST67W611M1: 4 MiB. */
export const FLASH_BYTES = 0x40_0000;

const MAGIC = "BFPT";
const HEADER_BYTES = 16;
const COUNT_AT = 6;
const ENTRY_BYTES = 36;
const NAME_BYTES = 9;
/** The limit of the tool that makes tables. */
const MAX_ENTRIES = 16;

const entry = (name: string, type: number, first: Slot, second: Slot = { address: 0, bytes: 0 }): Partition => ({
  name,
  type,
  device: 0,
  active: 0,
  slots: [first, second],
  length: 0,
  age: 0,
});

/** ST's table since release 1.1.0; `partition.bin` is its encoding, byte for byte. `mfg` is the second slot of `FW`. */
export const ST_TABLE: PartitionTable = {
  age: 0,
  entries: [
    entry("Boot2", 16, { address: 0, bytes: 0xe000 }),
    entry("FW", 0, { address: 0x10000, bytes: 0x1b4000 }, { address: 0x1c4000, bytes: 0x1b4000 }),
    entry("mfg", 10, { address: 0x1c4000, bytes: 0x1b4000 }),
    entry("media", 2, { address: 0x378000, bytes: 0x6d000 }),
    entry("rsvd1", 2, { address: 0x3e5000, bytes: 0x4000 }),
    entry("PSM", 3, { address: 0x3e9000, bytes: 0x8000 }),
    entry("rsvd2", 8, { address: 0x3f1000, bytes: 0xe000 }),
    entry("MFD", 9, { address: 0x3ff000, bytes: 0x1000 }),
  ],
};

export const findPartition = (table: PartitionTable, name: string): Partition | undefined =>
  table.entries.find((partition) => partition.name === name);

/**
 * Reads the table at the front of `bytes`; what follows (in flash the rest of a sector) is ignored.
 *
 * @param what the name of the thing in messages.
 * @throws HarnessError PARTITION_INVALID for a wrong magic, length, CRC, name or active slot.
 */
export function parsePartitionTable(bytes: Uint8Array, what: string): PartitionTable {
  const invalid = (flaw: Flaw) => flawed("PARTITION_INVALID", what, [flaw]);
  if (bytes.length < HEADER_BYTES)
    throw invalid({ field: "table", expected: "at least 20 bytes", found: `${bytes.length}` });
  if (text(bytes, 0, MAGIC.length) !== MAGIC)
    throw invalid({ field: "magic", offset: 0, expected: MAGIC, found: hex(bytes.subarray(0, 4)) });
  const words = view(bytes);
  checkCrc(words, 0, 12, "headerCrc", invalid);
  const count = words.getUint16(COUNT_AT, true);
  if (count > MAX_ENTRIES)
    throw invalid({ field: "count", offset: COUNT_AT, expected: `at most ${MAX_ENTRIES}`, found: `${count}` });
  const end = HEADER_BYTES + count * ENTRY_BYTES;
  if (bytes.length < end + 4)
    throw invalid({ field: "table", expected: `${end + 4} bytes for ${count} entries`, found: `${bytes.length}` });
  checkCrc(words, HEADER_BYTES, end, "entriesCrc", invalid);
  const entries = Array.from({ length: count }, (_, index) => parseEntry(bytes, index, invalid));
  return { age: words.getUint32(8, true), entries };
}

/** Length of a table in a file, in bytes. */
export const tableBytes = ({ entries }: PartitionTable): number => HEADER_BYTES + entries.length * ENTRY_BYTES + 4;

type Invalid = (flaw: Flaw) => HarnessError;

/** The CRC stands right behind the bytes that it covers. */
function checkCrc(words: DataView, start: number, end: number, field: string, invalid: Invalid): void {
  const stored = words.getUint32(end, true);
  const computed = crc32(new Uint8Array(words.buffer, words.byteOffset + start, end - start));
  if (stored !== computed)
    throw invalid({ field, offset: end, expected: hexNumber(computed), found: hexNumber(stored) });
}

function parseEntry(table: Uint8Array, index: number, invalid: Invalid): Partition {
  const start = HEADER_BYTES + index * ENTRY_BYTES;
  const bytes = table.subarray(start, start + ENTRY_BYTES);
  const words = view(bytes);
  const name = text(bytes, 3, NAME_BYTES);
  const active = words.getUint8(2);
  const at = (field: string, offset: number) => ({ field: `entry ${index} ${field}`, offset: start + offset });
  if (name === undefined) throw invalid({ ...at("name", 3), expected: "ASCII", found: hex(bytes.subarray(3, 12)) });
  if (active !== 0 && active !== 1) throw invalid({ ...at("active", 2), expected: "0 or 1", found: `${active}` });
  const slot = (index: number): Slot => ({
    address: words.getUint32(12 + 4 * index, true),
    bytes: words.getUint32(20 + 4 * index, true),
  });
  return {
    name,
    type: words.getUint8(0),
    device: words.getUint8(1),
    active,
    slots: [slot(0), slot(1)],
    length: words.getUint32(28, true),
    age: words.getUint32(32, true),
  };
}

export function encodePartitionTable({ age, entries }: PartitionTable): Uint8Array {
  const end = HEADER_BYTES + entries.length * ENTRY_BYTES;
  const out = Buffer.alloc(end + 4);
  out.write(MAGIC, 0, "latin1");
  out.writeUInt16LE(entries.length, 6);
  out.writeUInt32LE(age, 8);
  out.writeUInt32LE(crc32(out.subarray(0, 12)), 12);
  for (const [index, partition] of entries.entries()) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    out.set([partition.type, partition.device, partition.active], at);
    out.write(partition.name.slice(0, NAME_BYTES - 1), at + 3, "latin1");
    for (const [which, slot] of partition.slots.entries()) {
      out.writeUInt32LE(slot.address, at + 12 + 4 * which);
      out.writeUInt32LE(slot.bytes, at + 20 + 4 * which);
    }
    out.writeUInt32LE(partition.length, at + 28);
    out.writeUInt32LE(partition.age, at + 32);
  }
  out.writeUInt32LE(crc32(out.subarray(HEADER_BYTES, end)), end);
  return out;
}
