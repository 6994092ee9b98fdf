import { expect, test } from "@jest/globals";
import { Nor } from "../../../harness/sim/silicon/nor.js";
import { blocksOf, pagesOf } from "../../../harness/sim/silicon/pages.js";

const SECTOR = 4096;
const blank = () => new Nor(new Uint8Array(16 * SECTOR).fill(0xff));

test("programming only clears bits, erasing sets a whole sector", () => {
  const nor = blank();
  nor.program({ address: SECTOR + 5, bytes: Uint8Array.of(0xf0, 0x0f) });
  nor.program({ address: SECTOR + 5, bytes: Uint8Array.of(0x3c, 0xff) });
  expect([...nor.read(SECTOR + 4, 4)]).toEqual([0xff, 0x30, 0x0f, 0xff]);
  nor.erase(SECTOR, SECTOR);
  expect(nor.bytes.every((byte) => byte === 0xff)).toBe(true);
});

test("addresses wrap at the capacity", () => {
  const nor = blank();
  nor.program({ address: 16 * SECTOR * 3 + 7, bytes: Uint8Array.of(0x12) });
  expect(nor.bytes[7]).toBe(0x12);
  expect([...nor.read(16 * SECTOR - 1, 9)]).toEqual([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x12]);
  nor.erase(16 * SECTOR, SECTOR);
  expect(nor.bytes[7]).toBe(0xff);
});

test("wear counts erases and programmed pages by sector", () => {
  const nor = blank();
  for (const page of pagesOf(SECTOR - 10, new Uint8Array(300))) nor.program(page);
  nor.erase(SECTOR, 2 * SECTOR);
  expect([...nor.wear.programs.subarray(0, 3)]).toEqual([1, 2, 0]);
  expect([...nor.wear.erases.subarray(0, 4)]).toEqual([0, 1, 1, 0]);
  expect(nor.changes).toBe(5);
  expect([nor.programmed(0, 1), nor.programmed(2 * SECTOR, SECTOR), nor.programmed(2 * SECTOR - 1, 1)]).toEqual([
    true,
    false,
    true,
  ]);
});

test("a range falls on pages of 256 bytes", () => {
  const pages = [...pagesOf(250, new Uint8Array(300))].map(({ address, bytes }) => [address, bytes.length]);
  expect(pages).toEqual([
    [250, 6],
    [256, 256],
    [512, 38],
  ]);
});

/** The examples that were seen on a sister chip's loader, and the edges of the rule. */
test.each([
  ["4 KiB", 0, 0xfff, 1],
  ["68 KiB", 0, 0x10fff, 2],
  ["36 KiB from a 32 KiB border", 0x8000, 0x10fff, 2],
  ["0 to C89F", 0, 0xc89f, 6],
  ["one byte", 0x1234, 0x1234, 1],
  ["start behind end", 0x2000, 0x1fff, 0],
  ["start behind end in one sector", 0x2001, 0x2000, 0],
])("an erase of %s takes its blocks", (_, first, last, blocks) => {
  const all = [...blocksOf(first, last)];
  expect(all).toHaveLength(blocks);
  if (blocks > 0)
    expect(all.reduce((sum, { length }) => sum + length, 0)).toBe(
      ((last >> 12) << 12) + SECTOR - ((first >> 12) << 12),
    );
});

test("an erase of the whole address space ends", () => {
  expect([...blocksOf(0, 0xffff_ffff)]).toHaveLength(65536);
});
