import { parseImageName } from "./names.js";
import { findPartition, type PartitionTable, TABLE_ADDRESSES } from "./partition.js";

/** What a file must be. `image`: boot2 or a firmware, where nothing says which. */
export type Role = "boot2" | "firmware" | "image" | "partition" | "littlefs";

/** How messages call what is expected. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  boot2: "an image of boot2",
  firmware: "an image of a firmware",
  image: "an image",
  partition: "a partition table",
  littlefs: "a littlefs image",
};

/** By the name of a section of the vendor's ini, in any case; a section may bear the name of the partition it fills. */
const SECTIONS: Readonly<Record<string, Role>> = {
  boot2: "boot2",
  partition: "partition",
  fw: "firmware",
  mfg: "firmware",
  littlefs: "littlefs",
  media: "littlefs",
};

export const roleOfSection = (section: string): Role | undefined =>
  Object.hasOwn(SECTIONS, section.toLowerCase()) ? SECTIONS[section.toLowerCase()] : undefined;

/** The partition that a file of this role goes into. */
const PARTITIONS = [
  ["FW", "firmware"],
  ["mfg", "firmware"],
  ["media", "littlefs"],
] as const;

/** What must lie at `address`, for a file that no section names; `undefined` within a partition, and where any bytes will do. */
export function roleOfPlace(address: number, table: PartitionTable): Role | undefined {
  if (address === 0) return "boot2";
  if ((TABLE_ADDRESSES as readonly number[]).includes(address)) return "partition";
  return PARTITIONS.find(([name]) =>
    findPartition(table, name)?.slots.some((slot) => slot.bytes > 0 && slot.address === address),
  )?.[1];
}

/** What a file is in a package by its own name; `undefined` for any other name. */
export function roleOfName(name: string): Role | undefined {
  if (/^st67w611m_boot2_.*\.bin$/.test(name)) return "boot2";
  if (parseImageName(name) !== undefined) return "firmware";
  if (/^st67w611m_.*\.bin$/.test(name)) return "image";
  if (/^partition.*\.bin$/.test(name)) return "partition";
  return /^littlefs.*\.bin$/.test(name) ? "littlefs" : undefined;
}
