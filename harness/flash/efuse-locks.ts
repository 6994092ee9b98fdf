import { demandsSignature, isZero, KEY_HASH, wordAt } from "./efuse-fields.js";

/** A run of fuses that lock bits guard. */
export interface Region {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

interface Guarded extends Region {
  /** Offset of the word that holds its lock bits. */
  readonly word: number;
  readonly writeBit: number;
  readonly readBit: number | undefined;
}

const guarded = (
  name: string,
  at: number,
  bytes: number,
  word: number,
  writeBit: number,
  readBit?: number,
): Guarded => ({
  name,
  at,
  bytes,
  word,
  writeBit,
  readBit,
});

/** The lock bits as BL616's public tools name them; nobody has tried them on this module. Slots 0 and 1 hold the key hash. */
const GUARDED: readonly Guarded[] = [
  guarded("debug password", 0x04, 16, 0x7c, 15, 26),
  guarded("MAC", 0x14, 8, 0x7c, 16),
  guarded("key slot 0", 0x1c, 16, 0x7c, 17, 27),
  guarded("key slot 1", 0x2c, 16, 0x7c, 18, 28),
  guarded("key slot 2", 0x3c, 16, 0x7c, 19, 29),
  guarded("key slot 3", 0x4c, 16, 0x7c, 20, 30),
  guarded("sw_usage_0", 0x5c, 4, 0x7c, 21),
  guarded("sw_usage_1", 0x60, 4, 0x7c, 22),
  guarded("sw_usage_2", 0x64, 4, 0x7c, 23),
  guarded("sw_usage_3", 0x68, 4, 0x7c, 24),
  guarded("key slot 11", 0x6c, 16, 0x7c, 25, 31),
  guarded("key slot 4", 0x80, 16, 0xfc, 15, 25),
  guarded("key slot 5", 0x90, 16, 0xfc, 16, 26),
  guarded("key slot 6", 0xa0, 16, 0xfc, 17, 27),
  guarded("key slot 7", 0xb0, 16, 0xfc, 18, 28),
  guarded("key slot 8", 0xc0, 16, 0xfc, 19, 29),
  guarded("key slot 9", 0xd0, 16, 0xfc, 20, 30),
  guarded("key slot 10", 0xe0, 16, 0xfc, 21, 31),
];

const isSet = (fuses: Uint8Array, word: number, bit: number): boolean => ((wordAt(fuses, word) >>> bit) & 1) === 1;

/** What takes no further bit. */
export const writeLocked = (fuses: Uint8Array): Region[] =>
  GUARDED.filter(({ word, writeBit }) => isSet(fuses, word, writeBit));

/** What is read-locked and reads as zeros, as the module tells its fuses. */
export const readLocked = (fuses: Uint8Array): Region[] =>
  GUARDED.filter(
    (region) => region.readBit !== undefined && isSet(fuses, region.word, region.readBit) && isZero(fuses, region),
  );

/** What reads as zeros and may hold something: read-locked, or the key hash of a module that demands signed images. */
export function hidden(fuses: Uint8Array): Region[] {
  const locked = readLocked(fuses);
  if (!demandsSignature(fuses) || !isZero(fuses, KEY_HASH)) return locked;
  const ends = KEY_HASH.at + KEY_HASH.bytes;
  return [{ name: "key hash", ...KEY_HASH }, ...locked.filter(({ at }) => at < KEY_HASH.at || at >= ends)];
}
