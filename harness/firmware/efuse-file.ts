import { createCipheriv, createDecipheriv } from "node:crypto";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { HarnessError } from "../base/errors.js";
import { hex, hexNumber } from "../base/hex.js";
import { inOtherLetters } from "../base/read-file.js";
import { view } from "./bytes.js";
import { readBytes } from "./files.js";

/** The fuse map: 0x000 to 0x1FF. */
const FUSE_BYTES = 512;
/** A raw file holds the map's first bytes; the vendor's tool never writes fewer than these at once. */
const LEAST_RAW_BYTES = 16;
const WORD_BYTES = 4;

/** CRC32 of the fuses, zeros, and from here on the fuses themselves, as ciphertext. */
const FUSES_AT = 4096;
const CONTAINER_BYTES = FUSES_AT + FUSE_BYTES;
const CRC_BYTES = 4;
const CIPHER = "aes-128-cbc";
/** Both are printed in the public sources of the vendor's tools: they keep nothing secret. */
const KEY = Buffer.from("BOUFFALOLABKEYIV", "latin1");
const IV = Buffer.from("BOUFFALOLABK\0\0\0\0", "latin1");

/** Which fuses a file wants. */
export interface EfuseFile {
  readonly name: string;
  /** All 512 bytes, zeros where the file says nothing. */
  readonly wanted: Uint8Array;
  /** Of each byte the bits that the file speaks of; `wanted` has none outside of it. */
  readonly mask: Uint8Array;
}

/**
 * Reads a file of fuses: the vendor's container (4608 bytes, encrypted with a key that is public), or the raw first 16
 * to 512 bytes of the fuse map. The licence of the vendor's own container forbids decrypting it: this is for files of one's own.
 *
 * @param mask the content of the mask file, as long as the raw data; without one a file speaks of every byte that is not 0.
 * @throws HarnessError EFUSE_FILE_INVALID.
 */
export function readEfuseFile(bytes: Uint8Array, name: string, mask?: Uint8Array): EfuseFile {
  const data = bytes.length > FUSES_AT ? openContainer(bytes, name) : rawData(bytes, name);
  return {
    name,
    wanted: wholeMap(data),
    mask: wholeMap(mask === undefined ? data.map((byte) => (byte === 0 ? 0 : 0xff)) : heldTo(mask, data, name)),
  };
}

/** Reads `path`, and its mask where there is one: `fuses_mask.bin` beside `fuses.bin`. @throws HarnessError FILE_UNREADABLE too. */
export function loadEfuseFile(path: string): EfuseFile {
  const bytes = readBytes(path, "a file of fuses");
  const maskPath = path.replace(/\.bin$/i, "_mask$&");
  const masked = maskPath !== path && existsSync(maskPath);
  const other = masked || maskPath === path ? undefined : inOtherLetters(maskPath);
  if (other !== undefined) throw invalid(basename(path), `its mask file: expected ${basename(maskPath)}, got ${other}`);
  return readEfuseFile(bytes, basename(path), masked ? readBytes(maskPath, "the mask of the fuses") : undefined);
}

/** The container of all 512 bytes of fuses. @throws HarnessError EFUSE_FILE_INVALID for any other number of bytes. */
export function encodeEfuseFile(fuses: Uint8Array): Uint8Array {
  if (fuses.length !== FUSE_BYTES) throw invalid("fuses", `expected ${FUSE_BYTES} bytes, got ${fuses.length}`);
  const out = new Uint8Array(CONTAINER_BYTES);
  view(out).setUint32(0, crc32(fuses), true);
  const cipher = createCipheriv(CIPHER, KEY, IV).setAutoPadding(false);
  out.set(Buffer.concat([cipher.update(fuses), cipher.final()]), FUSES_AT);
  return out;
}

function openContainer(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length !== CONTAINER_BYTES)
    throw invalid(
      name,
      `expected a container of ${CONTAINER_BYTES} bytes, or raw fuses of at most ${FUSE_BYTES}, got ${bytes.length}`,
    );
  const filler = bytes.subarray(CRC_BYTES, FUSES_AT);
  const odd = filler.findIndex((byte) => byte !== 0);
  if (odd >= 0)
    throw invalid(name, `at ${hexNumber(CRC_BYTES + odd)}: expected 00, got ${hex(filler.subarray(odd, odd + 1))}`);
  const decipher = createDecipheriv(CIPHER, KEY, IV).setAutoPadding(false);
  const fuses = Buffer.concat([decipher.update(bytes.subarray(FUSES_AT)), decipher.final()]);
  const stored = view(bytes).getUint32(0, true);
  if (stored === crc32(fuses)) return fuses;
  throw invalid(name, `CRC32 of the fuses: expected ${hexNumber(stored)}, as at 0x0, got ${hexNumber(crc32(fuses))}`);
}

function rawData(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length >= LEAST_RAW_BYTES && bytes.length <= FUSE_BYTES && bytes.length % WORD_BYTES === 0) return bytes;
  throw invalid(
    name,
    `expected ${LEAST_RAW_BYTES} to ${FUSE_BYTES} bytes of raw fuses in whole words, or a container of ${CONTAINER_BYTES}, got ${bytes.length}`,
  );
}

/** Bits outside of the mask could never be verified: the vendor's tool fails on them too, once they are burned. */
function heldTo(mask: Uint8Array, data: Uint8Array, name: string): Uint8Array {
  if (mask.length !== data.length)
    throw invalid(name, `its mask file: expected ${data.length} bytes, as the data, got ${mask.length}`);
  const at = data.findIndex((byte, index) => (byte & ~(mask[index] ?? 0)) !== 0);
  if (at < 0) return mask;
  const [wants, allows] = [data, mask].map((one) => hex(one.subarray(at, at + 1)));
  throw invalid(name, `at ${hexNumber(at)}: expected bits of the mask ${allows} alone, got ${wants}`);
}

function wholeMap(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(FUSE_BYTES);
  out.set(bytes);
  return out;
}

const invalid = (name: string, problem: string): HarnessError =>
  new HarnessError("EFUSE_FILE_INVALID", `${name}: ${problem}`);
