import { crc32 } from "node:zlib";
import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import { view } from "./fields.js";

/** What the ROM says of itself before anything is touched. */
export interface BootInfo {
  /**
   * It is a program in the RAM of a sister chip that answers, in place of a ROM: its first word is FFFFFFFF, and fuses of
   * another layout follow. Nothing is known of its locks then, and its chip id bears no check.
   */
  readonly loader: boolean;
  /** 0x01: BL616 A0, another way to set the idle time-out. The modules seen say 0x02. */
  readonly romVersion: number;
  /** Images must be signed: the module is locked. */
  readonly signRequired: boolean;
  readonly encryptRequired: boolean;
  /** 12 hex digits, the factory MAC in its usual order. */
  readonly chipId: string;
  /** eFuse words 0x5C and 0x60; the shortest answer, of 20 bytes, ends before the second. */
  readonly swUsage0: number;
  readonly swUsage1: number | undefined;
  /** Where the flash is wired: bits 19:14 of `swUsage0`. */
  readonly flashPin: number;
  /** The ROM sends a CRC with it since the revision after A0. */
  readonly checked: boolean;
}

const BODY_BYTES = 24;
const CHECKED_BYTES = BODY_BYTES + 4;
/** BL602's loader says so much; BL702's loader and the ROM of BL616 A0 the whole body; later ROMs a CRC after it. */
const SHORT_BYTES = 20;
/** What a boot info may be long. */
export const BOOT_INFO_BYTES: readonly number[] = [SHORT_BYTES, BODY_BYTES, CHECKED_BYTES];
/** In the first word, in place of a version: a loader. */
const LOADER = 0xffff_ffff;
const CHIP_ID_AT = 12;
const CHIP_ID_BYTES = 6;
/** Seen on the modules and on a BL616: the second to fourth byte of the id word. */
const FAMILY = Uint8Array.of(0x00, 0x16, 0x06);

/** CRC32 over the response from its first byte, the length (which counts the CRC) included. Found on both seed modules. */
function crcOf(body: Uint8Array): number {
  return crc32(body, crc32(Uint8Array.of(0x4f, 0x4b, CHECKED_BYTES, 0)));
}

/** @throws HarnessError BOOT_INFO_CORRUPT when length, CRC or zero-bit count are wrong: the line damages bytes. */
export function decodeBootInfo(data: Uint8Array): BootInfo {
  const corrupt = (what: string) =>
    new HarnessError("BOOT_INFO_CORRUPT", `boot info: ${what}: ${hex(data)}`, { details: { bytes: hex(data) } });
  if (!BOOT_INFO_BYTES.includes(data.length)) throw corrupt(`expected 20, 24 or 28 bytes, got ${data.length}`);
  const words = view(data);
  const checked = data.length === CHECKED_BYTES;
  const body = data.subarray(0, BODY_BYTES);
  if (checked && words.getUint32(BODY_BYTES, true) !== crcOf(body)) {
    throw corrupt(`CRC32 is ${hexWord(words.getUint32(BODY_BYTES, true))}, expected ${hexWord(crcOf(body))}`);
  }
  const loader = words.getUint32(0, true) === LOADER;
  const id = data.subarray(CHIP_ID_AT, CHIP_ID_AT + CHIP_ID_BYTES).toReversed();
  if (!loader && words.getUint8(18) !== zeroBits(id))
    throw corrupt(`the chip id has ${zeroBits(id)} zero bits, not ${words.getUint8(18)}`);
  const swUsage0 = words.getUint32(8, true);
  return {
    loader,
    romVersion: words.getUint8(0),
    signRequired: !loader && words.getUint8(4) !== 0,
    encryptRequired: !loader && words.getUint8(5) !== 0,
    chipId: Buffer.from(id).toString("hex"),
    swUsage0,
    swUsage1: data.length < BODY_BYTES ? undefined : words.getUint32(20, true),
    flashPin: (swUsage0 >>> 14) & 0x3f,
    checked,
  };
}

/** The device's side: 28 bytes, CRC included, or the 24 of a ROM that sends none. */
export function encodeBootInfo(info: Omit<BootInfo, "flashPin" | "loader">): Uint8Array {
  const out = new Uint8Array(CHECKED_BYTES);
  const words = view(out);
  const id = Buffer.from(info.chipId, "hex");
  out[0] = info.romVersion;
  out.set(FAMILY, 1);
  out[4] = Number(info.signRequired);
  out[5] = Number(info.encryptRequired);
  out[6] = 1; // bus remap: set on every part seen
  words.setUint32(8, info.swUsage0, true);
  out.set(id.toReversed(), CHIP_ID_AT);
  out[18] = zeroBits(id);
  words.setUint32(20, info.swUsage1 ?? 0, true);
  words.setUint32(BODY_BYTES, crcOf(out.subarray(0, BODY_BYTES)), true);
  return info.checked ? out : out.subarray(0, BODY_BYTES);
}

/** How many bits of `bytes` are zero: the ROM keeps this number with a MAC, to tell a damaged one. */
export function zeroBits(bytes: Uint8Array): number {
  let zeros = 0;
  for (const byte of bytes) for (let bit = 0; bit < 8; bit++) zeros += ((byte >> bit) & 1) ^ 1;
  return zeros;
}

const hexWord = (word: number): string => word.toString(16).padStart(8, "0");
