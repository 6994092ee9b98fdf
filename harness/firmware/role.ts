import { isImage } from "./image.js";
import { parseImageName } from "./names.js";

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

/**
 * What a file must be: by its section, else by its own name, else an image where it begins like one; with any other name
 * the bytes are somebody's own.
 */
export const roleOf = (section: string, name: string, bytes: Uint8Array): Role | undefined =>
  roleOfSection(section) ?? roleOfName(name) ?? (isImage(bytes) ? "image" : undefined);

/** By the name of a section of the vendor's ini, in any case; a section may bear the name of the partition it fills. */
const SECTIONS: Readonly<Record<string, Role>> = {
  boot2: "boot2",
  partition: "partition",
  fw: "firmware",
  mfg: "firmware",
  littlefs: "littlefs",
  media: "littlefs",
};

const roleOfSection = (section: string): Role | undefined =>
  Object.hasOwn(SECTIONS, section.toLowerCase()) ? SECTIONS[section.toLowerCase()] : undefined;

/** What a file is in a package by its own name; `undefined` for any other name. */
export function roleOfName(name: string): Role | undefined {
  if (/^st67w611m_boot2_.*\.bin$/.test(name)) return "boot2";
  if (parseImageName(name) !== undefined) return "firmware";
  if (/^st67w611m_.*\.bin$/.test(name)) return "image";
  if (/^partition.*\.bin$/.test(name)) return "partition";
  return /^littlefs.*\.bin$/.test(name) ? "littlefs" : undefined;
}
