import { text } from "./bytes.js";
import { isLittlefs } from "./littlefs.js";

export type FileKind = "image" | "ota" | "partition" | "littlefs" | "ini";

const NAMES: readonly [RegExp, FileKind][] = [
  [/\.ota$/, "ota"],
  [/\.ini$/, "ini"],
  [/^partition.*\.bin$/, "partition"],
  [/^littlefs.*\.bin$/, "littlefs"],
  [/^st67w611m_.*\.bin$/, "image"],
];

const MAGICS: readonly [string, FileKind][] = [
  ["BFNP", "image"],
  ["BFPT", "partition"],
  ["QCC74X_OTAVer1.0", "ota"],
];

/** What a file of this name is in a package; `undefined` for any other name. */
export const kindOfName = (name: string): FileKind | undefined => NAMES.find(([pattern]) => pattern.test(name))?.[1];

/** What a file starts with; `undefined` for the data of fuses and all that is not ours. */
export const kindOfBytes = (bytes: Uint8Array): FileKind | undefined =>
  MAGICS.find(([magic]) => text(bytes, 0, magic.length) === magic)?.[1] ?? (isLittlefs(bytes) ? "littlefs" : undefined);
