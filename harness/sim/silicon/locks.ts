import { view } from "../../protocol/fields.js";

/** The two words of lock bits. Nothing guards the words themselves. */
export const LOCK_0_AT = 0x7c;
const LOCK_1_AT = 0xfc;

/** So many fuse bytes from `at` on, and the bits of one lock word that guard them. */
interface Region {
  readonly at: number;
  readonly bytes: number;
  readonly word: number;
  readonly writeBit: number;
  readonly readBit?: number;
}

const keySlot = (at: number, word: number, writeBit: number, readBit: number): Region => ({
  at,
  bytes: 16,
  word,
  writeBit,
  readBit,
});

/**
 * What each lock bit guards, by the names that BL616's public tools give the bits; nobody has tried it on this module.
 * Word 0x7C, write: 15 debug password, 16 MAC, 17 to 20 key slots 0 to 3, 21 to 24 the words 0x5C to 0x68, 25 key
 * slot 11; read: 26 debug password, 27 to 30 key slots 0 to 3, 31 key slot 11. Word 0xFC: write 15 to 21, read 25 to 31,
 * key slots 4 to 10. Slots 0 and 1 hold the key hash. All other bits of both words guard nothing here: not known.
 */
const REGIONS: readonly Region[] = [
  { at: 0x04, bytes: 16, word: LOCK_0_AT, writeBit: 15, readBit: 26 },
  { at: 0x14, bytes: 8, word: LOCK_0_AT, writeBit: 16 },
  ...[0, 1, 2, 3].map((slot) => keySlot(0x1c + 16 * slot, LOCK_0_AT, 17 + slot, 27 + slot)),
  ...[0, 1, 2, 3].map((index) => ({ at: 0x5c + 4 * index, bytes: 4, word: LOCK_0_AT, writeBit: 21 + index })),
  keySlot(0x6c, LOCK_0_AT, 25, 31),
  ...[0, 1, 2, 3, 4, 5, 6].map((index) => keySlot(0x80 + 16 * index, LOCK_1_AT, 15 + index, 25 + index)),
];

/** For each fuse byte 0xFF where it may be written or read, 0 where a lock bit forbids it. */
export interface Locks {
  readonly writable: Uint8Array;
  readonly readable: Uint8Array;
}

/** What the lock bits in `fuses` forbid. */
export function locksOf(fuses: Uint8Array): Locks {
  const locks = {
    writable: new Uint8Array(fuses.length).fill(0xff),
    readable: new Uint8Array(fuses.length).fill(0xff),
  };
  for (const { at, bytes, word, writeBit, readBit } of REGIONS) {
    const bits = view(fuses).getUint32(word, true);
    if ((bits >>> writeBit) & 1) locks.writable.fill(0, at, at + bytes);
    if (readBit !== undefined && (bits >>> readBit) & 1) locks.readable.fill(0, at, at + bytes);
  }
  return locks;
}
