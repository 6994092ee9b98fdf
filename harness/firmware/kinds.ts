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

/** Data of fuses, or its mask, by the name that the vendor gives them: what they hold is never looked into. */
export function efuseKindOf(name: string): "efuse" | "efuse-mask" | undefined {
  const found = /^efusedata(_mask)?\.bin$/i.exec(name);
  if (found === null) return undefined;
  return found[1] === undefined ? "efuse" : "efuse-mask";
}
