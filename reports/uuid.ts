import { createHash } from "node:crypto";

/** Ours: drawn once. */
const NAMESPACE = Buffer.from("6c0e3a1f6d1b4f0e9d5b2f7b1c9a4e83", "hex");
const VERSION_BYTE = 6;
const VARIANT_BYTE = 8;

/** A UUID of version 5: the same parts give the same one, on every machine. */
export function uuidOf(...parts: readonly (string | number)[]): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(VERSION_BYTE) & 0x0f) | 0x50, VERSION_BYTE);
  bytes.writeUInt8((bytes.readUInt8(VARIANT_BYTE) & 0x3f) | 0x80, VARIANT_BYTE);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
