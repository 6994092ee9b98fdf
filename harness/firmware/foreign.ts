/** What a package's file becomes on the way to a bench, by its first bytes. */
const FOREIGN: readonly [string, (bytes: Uint8Array) => boolean][] = [
  [
    "a Git LFS pointer: the file itself was never fetched (git lfs pull)",
    (bytes) => starts(bytes, "version https://git-lfs."),
  ],
  ["a git-annex pointer: the file itself was never fetched", (bytes) => starts(bytes, "/annex/objects/")],
  ["a web page", isPage],
  ["a gzip file", (bytes) => starts(bytes, "\x1f\x8b")],
  ["a zip file", (bytes) => starts(bytes, "PK\x03\x04") || starts(bytes, "PK\x05\x06")],
  ["an xz file", (bytes) => starts(bytes, "\xfd7zXZ\0")],
  ["a bzip2 file", (bytes) => starts(bytes, "BZh")],
  ["a zstd file", (bytes) => starts(bytes, "\x28\xb5\x2f\xfd")],
  ["a 7z file", (bytes) => starts(bytes, "7z\xbc\xaf\x27\x1c")],
  ["an ELF file", (bytes) => starts(bytes, "\x7fELF")],
  ["an Intel HEX file", (bytes) => /^:[0-9A-Fa-f]{10}/.test(beginning(bytes))],
  ["an OTA file: its image begins behind a header", (bytes) => starts(bytes, "QCC74X_OTAVer1.0")],
];

/** What a file is that came here in place of another one, in words; `undefined` where its beginning does not tell. */
export const foreignKind = (bytes: Uint8Array): string | undefined => FOREIGN.find(([, is]) => is(bytes))?.[0];

/** Of a file that holds nothing, how it does; `undefined` for any other. */
export function blankness(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "an empty file";
  if (bytes.every((byte) => byte === 0xff)) return "a blank file: all of it is FF";
  return bytes.every((byte) => byte === 0) ? "a file of zeros" : undefined;
}

const LOOK_BYTES = 512;

const beginning = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, LOOK_BYTES)).toString("latin1");

const starts = (bytes: Uint8Array, magic: string): boolean => beginning(bytes).startsWith(magic);

/** Also behind a byte order mark and blank lines, as servers send them. */
function isPage(bytes: Uint8Array): boolean {
  const start = beginning(bytes)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart()
    .toLowerCase();
  return /^(<!doctype html|<html|<head|<\?xml|<!--)/.test(start);
}
