import { hexNumber } from "../base/hex.js";
import type { Flaw } from "./flaw.js";
import type { IniFile } from "./ini.js";
import {
  FLASH_BYTES,
  findPartition,
  type PartitionTable,
  type Slot,
  ST_TABLE,
  TABLE_ADDRESSES,
  TABLE_SECTOR_BYTES,
} from "./partition.js";

/** Where a section's file goes. */
export interface Place {
  /** `undefined` where nothing places it. */
  readonly address: number | undefined;
  /** To the end of what it lies in, in bytes; `undefined` where the address is wrong. */
  readonly room: number | undefined;
  readonly flaws: readonly Flaw[];
}

const TABLE_SLOTS: readonly Slot[] = TABLE_ADDRESSES.map((address) => ({ address, bytes: TABLE_SECTOR_BYTES }));

/**
 * Places a section by the table that is written with it; by ST's where the ini writes none. Boot ROM and boot2 look at
 * fixed places, so each section whose meaning is known has one, and nothing crosses the end of what it lies in.
 */
export function placeOf({ section, address }: IniFile, written: PartitionTable | undefined): Place {
  const table = written ?? ST_TABLE;
  const field = `[${section}] address`;
  const slot = address === "@partition" ? findPartition(table, section)?.slots[0] : undefined;
  const start = address === "@partition" ? slot?.address : address;
  if (start === undefined) {
    const names = table.entries.map(({ name }) => name).join(", ");
    const flaw = { field, expected: `a partition named ${section} in the table`, found: names };
    return { address: undefined, room: undefined, flaws: [flaw] };
  }
  const room = roomAt(start, table) ?? (written === undefined ? restOfFlash(start) : undefined);
  const outside = { field, expected: "an address inside of a partition", found: hexNumber(start) };
  const flaws = [...misplaced(section, start, table), ...(room === undefined ? [outside] : [])];
  return { address: start, room: flaws.length > 0 ? undefined : room, flaws };
}

function misplaced(section: string, start: number, table: PartitionTable): Flaw[] {
  const places = placesOf(section, table);
  if (places === undefined || places.addresses.includes(start)) return [];
  const expected = `${places.addresses.map(hexNumber).join(" or ")}, ${places.why}`;
  return [{ field: `[${section}] address`, expected, found: hexNumber(start) }];
}

/** Where a section of known meaning may lie; `undefined` for any other, and where the table has no such partition. */
function placesOf(section: string, table: PartitionTable) {
  const slotOf = (name: string, why: string) => {
    const partition = findPartition(table, name);
    const slot = partition?.slots[partition.active];
    return slot && { addresses: [slot.address], why };
  };
  switch (section.toLowerCase()) {
    case "boot2":
      return { addresses: [0], why: "where the boot ROM looks for it" };
    case "partition":
      return { addresses: [...TABLE_ADDRESSES] as number[], why: "where boot2 looks for it" };
    case "fw":
      return slotOf("FW", "the slot that the partition table boots");
    case "mfg":
      return slotOf("mfg", "its partition");
    case "littlefs":
    case "media":
      return slotOf("media", "the partition media");
    default:
      return undefined;
  }
}

const restOfFlash = (start: number): number | undefined => (start < FLASH_BYTES ? FLASH_BYTES - start : undefined);

/** To the end of the slot that `start` lies in, the larger one where slots overlap. */
function roomAt(start: number, table: PartitionTable): number | undefined {
  const rooms = [...TABLE_SLOTS, ...table.entries.flatMap(({ slots }) => slots)]
    .filter((slot) => slot.address <= start && start < slot.address + slot.bytes)
    .map((slot) => slot.address + slot.bytes - start);
  return rooms.length > 0 ? Math.max(...rooms) : undefined;
}
