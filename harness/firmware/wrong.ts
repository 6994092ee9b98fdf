import { crc32 } from "node:zlib";
import { sha256 } from "./bytes.js";
import { HEADER, type Signer } from "./header.js";
import type { Image } from "./image.js";
import { encodePartitionTable, type PartitionTable } from "./partition.js";

/** Images and tables that no module should take, made of good ones: everything but what is wrong on purpose is right. */

/** Of the flags: 0, no signature. */
const SIGN_BITS = 3;

/** The same bytes with one bit of them the other way round. */
export function flipped(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[at] = (out[at] ?? 0) ^ (1 << bit);
  return out;
}

/** The same image without key and signature, as one that was never signed; the CRC of its header is right. */
export function unsigned({ bytes }: Pick<Image, "bytes">): Uint8Array {
  const out = Buffer.from(bytes);
  out.writeUInt32LE((out.readUInt32LE(HEADER.flags) & ~SIGN_BITS) >>> 0, HEADER.flags);
  seal(out, 0, HEADER.crc);
  return out.fill(0, HEADER.publicKey, HEADER.signatureCrc + 4);
}

/** The same image as another maker would have signed it: its key, a signature that holds, CRCs that are right. */
export function signedBy({ publicKey, sign }: Signer, { bytes, body }: Pick<Image, "bytes" | "body">): Uint8Array {
  const out = Buffer.from(bytes);
  out.set(publicKey, HEADER.publicKey);
  seal(out, HEADER.publicKey, HEADER.publicKeyCrc);
  out.set(sign(sha256(body)), HEADER.signature);
  seal(out, HEADER.signatureBytes, HEADER.signatureCrc);
  return out;
}

/** The same image with a signature that is none of its body, and whose CRC is right. */
export function wronglySigned({ bytes }: Pick<Image, "bytes">): Uint8Array {
  const out = Buffer.from(flipped(bytes, HEADER.signature + 1));
  seal(out, HEADER.signatureBytes, HEADER.signatureCrc);
  return out;
}

/** A table that wins against the vendor's, whose age is 0, and boots the second slot of `FW`, as an update leaves it. */
export const secondSlotTable = ({ age, entries }: PartitionTable): Uint8Array =>
  encodePartitionTable({
    age: age + 1,
    entries: entries.map((entry) => (entry.name === "FW" ? { ...entry, active: 1, age: entry.age + 1 } : entry)),
  });

/** The same table with a bit of its first entry flipped: the CRC over its entries does not fit any more. */
export const badTable = (table: Uint8Array): Uint8Array => flipped(table, FIRST_ENTRY_LENGTH);

/** The length of the first entry, which nobody reads: only the CRC is wrong. */
const FIRST_ENTRY_LENGTH = 16 + 28;

/** A CRC32 stands right behind the bytes that it covers. */
const seal = (image: Buffer, start: number, at: number): number =>
  image.writeUInt32LE(crc32(image.subarray(start, at)), at);
