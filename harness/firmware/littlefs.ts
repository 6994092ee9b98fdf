import { crc32 } from "node:zlib";
import { hexNumber } from "../base/hex.js";
import { text, view } from "./bytes.js";
import type { Flaw } from "./flaw.js";

/** A sector of the flash; both releases of ST's image whose blocks were looked at use it. */
const BLOCK_BYTES = 4096;
const MAGIC = "littlefs";
const MAGIC_AT = 8;
/** The first tag of a superblock's pair of blocks: its name, 8 bytes long. */
const NAME_TAG = 0x0ff0_0008;
/** What follows the name: version, block size, count of blocks and three limits, 24 bytes. */
const INLINE_TAG = 0x2010_0018;
const TAG_BYTES = 4;
/** Upper half of the version on disk that this layout belongs to. */
const MAJOR = 2;

/** What the superblock of a littlefs image states. */
export interface Superblock {
  /** Major version in the upper half, minor in the lower. */
  readonly version: number;
  readonly blockBytes: number;
  readonly blocks: number;
}

/** Whether bytes are meant to be a littlefs image: one of the first two blocks bears its name. */
export const isLittlefs = (bytes: Uint8Array): boolean =>
  [0, BLOCK_BYTES].some((start) => text(bytes, start + MAGIC_AT, MAGIC.length) === MAGIC);

/**
 * Reads the superblock, which a pair of blocks holds twice; each is sealed by the CRC of its first commit (littlefs's
 * own SPEC.md, version 2). Nothing is said of the files in it.
 */
export function readSuperblock(bytes: Uint8Array): {
  readonly superblock: Superblock | undefined;
  /** Of the blocks that do not hold a sound one. */
  readonly flaws: readonly Flaw[];
} {
  const read = [0, BLOCK_BYTES].map((start) => readBlock(bytes, start));
  const sound = read.flatMap((each) => ("field" in each ? [] : [each]));
  return { superblock: sound[0], flaws: read.flatMap((each) => ("field" in each ? [each] : [])) };
}

function readBlock(bytes: Uint8Array, start: number): Superblock | Flaw {
  const field = `superblock at ${hexNumber(start)}`;
  const block = bytes.subarray(start, start + BLOCK_BYTES);
  if (block.length < BLOCK_BYTES)
    return { field, expected: `a block of ${BLOCK_BYTES} bytes`, found: `${block.length} bytes` };
  if (text(block, MAGIC_AT, MAGIC.length) !== MAGIC)
    return { field, offset: start + MAGIC_AT, expected: MAGIC, found: "no such text" };
  const words = view(block);
  const word = (at: number) => words.getUint32(at, true);
  const superblock: Superblock = { version: word(20), blockBytes: word(24), blocks: word(28) };
  const sealed = commitEnd(words);
  const stored = sealed === undefined ? undefined : word(sealed);
  const computed = sealed === undefined ? undefined : commitCrc(block.subarray(0, sealed));
  if (stored === undefined || computed === undefined || stored !== computed)
    return {
      field: `${field}, CRC`,
      offset: start + (sealed ?? 0),
      expected: computed === undefined ? "a commit that ends in this block" : hexNumber(computed),
      found: stored === undefined ? "none" : hexNumber(stored),
    };
  return superblock;
}

/**
 * Where the CRC of the first commit stands, from the start of the block. Each tag is stored big endian, as the
 * exclusive or with the one before it; its lowest ten bits are the length of what follows.
 */
function commitEnd(words: DataView): number | undefined {
  let last = 0xffff_ffff;
  for (let at = TAG_BYTES; at + 2 * TAG_BYTES <= words.byteLength; ) {
    const tag = (words.getUint32(at, false) ^ last) >>> 0;
    if (tag >>> 31 !== 0 || (at === TAG_BYTES && tag !== NAME_TAG)) return undefined;
    // The types 0x500 to 0x503 are CRCs; 0x5FF is another's, of the space behind.
    if (tag >>> 22 === 0x500 >>> 2 && (tag >>> 20) % 0x100 < 4) return at + TAG_BYTES;
    last = tag;
    const length = tag & 0x3ff;
    at += TAG_BYTES + (length === 0x3ff ? 0 : length);
  }
  return undefined;
}

/** littlefs leaves out the last inversion of the usual CRC32. */
const commitCrc = (bytes: Uint8Array): number => ~crc32(bytes) >>> 0;

/** What is wrong with a littlefs image whose superblock is sound. */
export function superblockFlaws({ version, blockBytes, blocks }: Superblock, bytes: Uint8Array): Flaw[] {
  const flaws: Flaw[] = [];
  if (version >>> 16 !== MAJOR)
    flaws.push({ field: "version on disk", expected: `${MAJOR}.x`, found: `${version >>> 16}.${version & 0xffff}` });
  if (blockBytes !== BLOCK_BYTES)
    flaws.push({ field: "block size", expected: `${BLOCK_BYTES}, a sector of the flash`, found: `${blockBytes}` });
  else if (blocks * blockBytes !== bytes.length)
    flaws.push({
      field: "size",
      expected: `${blocks} blocks of ${blockBytes} bytes, ${blocks * blockBytes} in all`,
      found: `${bytes.length}`,
    });
  return flaws;
}

/**
 * One block of a superblock's pair, blank behind its only commit.
 *
 * @param revision 1 in the first block and 2 in the second, as littlefs formats them.
 */
export function encodeSuperblock(revision: number, blocks: number): Uint8Array {
  const out = Buffer.alloc(BLOCK_BYTES, 0xff);
  const limits = [0x0002_0001, BLOCK_BYTES, blocks, 0xff, 0x7fff_ffff, 0x3fe];
  const crcTag = 0x500f_fc04;
  out.writeUInt32LE(revision, 0);
  out.writeUInt32BE(~NAME_TAG >>> 0, TAG_BYTES);
  out.write(MAGIC, MAGIC_AT, "latin1");
  out.writeUInt32BE((INLINE_TAG ^ NAME_TAG) >>> 0, 16);
  for (const [index, value] of limits.entries()) out.writeUInt32LE(value, 20 + 4 * index);
  out.writeUInt32BE((crcTag ^ INLINE_TAG) >>> 0, 44);
  out.writeUInt32LE(commitCrc(out.subarray(0, 48)), 48);
  return out;
}
