import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { encodeSuperblock, isLittlefs, readSuperblock, superblockFlaws } from "../../harness/firmware/littlefs.js";

const BLOCKS = 3;
const SOUND = Buffer.concat([1, 2].map((revision) => encodeSuperblock(revision, BLOCKS)).concat(Buffer.alloc(4096)));

/** Up to the end of its CRC: what follows is not the superblock's. */
const COMMIT_BYTES = 52;

test("a block of another hand is read: 200 blocks of 4096 bytes, version 2.1, with the CRC of the space behind", () => {
  // Put together from littlefs's SPEC.md by another program, with its own CRC.
  const block = Buffer.alloc(8192, 0xff);
  const [commit, seal] = [
    "07000000f00ffff76c6974746c6566732fe000100100020000100000c8000000ff000000ffffff7ffe030000",
    "7feffc1000010000785634120fe000ccdffddd85",
  ];
  block.set(Buffer.from(`${commit}${seal}`, "hex"));
  expect(readSuperblock(block)).toMatchObject({
    superblock: { version: 0x20001, blockBytes: 4096, blocks: 200 },
    flaws: [{ field: "superblock at 0x1000", expected: "littlefs" }],
  });
});

test("an image of ours is sound, and one sound superblock of the two is enough", () => {
  const superblock = { version: 0x20001, blockBytes: 4096, blocks: BLOCKS };
  expect(readSuperblock(SOUND)).toEqual({ superblock, flaws: [] });
  expect(superblockFlaws(superblock, SOUND)).toEqual([]);
  const second = Buffer.from(SOUND);
  second.fill(0xff, 0, 4096);
  expect(isLittlefs(second)).toBe(true);
  expect(readSuperblock(second)).toMatchObject({ superblock, flaws: [{ field: "superblock at 0x0" }] });
});

test("a file system of another major version, sector or length is none for this flash", () => {
  const superblock = { version: 0x20001, blockBytes: 4096, blocks: BLOCKS };
  const fields = (changed: Partial<typeof superblock>, bytes: Uint8Array = SOUND) =>
    superblockFlaws({ ...superblock, ...changed }, bytes).map(({ field }) => field);
  expect(fields({ version: 0x10007 })).toEqual(["version on disk"]);
  expect(fields({ blockBytes: 512 })).toEqual(["block size"]);
  expect(fields({}, SOUND.subarray(0, -1))).toEqual(["size"]);
});

test("no damaged bit of a superblock goes unseen", () => {
  fc.assert(
    fc.property(fc.nat(COMMIT_BYTES - 1), fc.nat(7), (at, bit) => {
      const damaged = Buffer.from(SOUND);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      expect(readSuperblock(damaged).flaws).toHaveLength(1);
    }),
  );
});

test("any bytes at all are read to the end", () => {
  const near = fc.tuple(fc.nat(COMMIT_BYTES), fc.uint8Array({ maxLength: 64 })).map(([at, bytes]) => {
    const changed = Buffer.from(SOUND);
    changed.set(bytes, at);
    return changed;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 9000 }), near), (bytes) => {
      const { superblock, flaws } = readSuperblock(bytes);
      expect(flaws.length).toBe(superblock === undefined ? 2 : flaws.length);
    }),
  );
});
