import { expect, test } from "@jest/globals";
import { planOf } from "../../harness/flash/plan.js";
import { blankedBy, sparedBy } from "../../harness/flash/spared.js";
import { plainSet, syntheticSet } from "../support/package.js";

test("a plan that erases the chip spares nothing", () => {
  expect(sparedBy(planOf(syntheticSet("t01")))).toEqual([]);
});

const file = (section: string, address: number, length: number) => ({
  section,
  address,
  bytes: new Uint8Array(length),
});

test("what no erase and no write of a plan touches, in whole sectors", () => {
  const files = [file("a", 0x1000, 1), file("b", 0x2000, 0x1001), file("c", 0x8100, 0x100)];
  const spared = [
    { address: 0, bytes: 0x1000 },
    { address: 0x4000, bytes: 0x4000 },
    { address: 0x9000, bytes: 0x1000 },
  ];
  expect(sparedBy(planOf(plainSet(files)), 0xa000)).toEqual(spared);
  expect(sparedBy(planOf(plainSet(files), { erase: "none" }), 0xa000)).toEqual(spared);
  const full = [file("all", 0, 0xa000)];
  expect(sparedBy(planOf(plainSet(full)), 0xa000)).toEqual([]);
});

test("an ini may name its files in any order", () => {
  const files = [file("c", 0x8100, 0x100), file("a", 0x1000, 1)];
  expect(sparedBy(planOf(plainSet(files)), 0xa000)).toEqual([
    { address: 0, bytes: 0x1000 },
    { address: 0x2000, bytes: 0x6000 },
    { address: 0x9000, bytes: 0x1000 },
  ]);
});

test("what a plan erases and writes nothing into: of its sectors, of the whole chip, of none", () => {
  const files = [file("b", 0x2000, 0x1001), file("a", 0x1010, 0x10)];
  expect(blankedBy(planOf(plainSet(files)), 0xa000)).toEqual([
    { address: 0x1000, bytes: 0x10 },
    { address: 0x1020, bytes: 0xfe0 },
    { address: 0x3001, bytes: 0xfff },
  ]);
  expect(blankedBy(planOf(plainSet(files), { erase: "chip" }), 0x4000)).toEqual([
    { address: 0, bytes: 0x1010 },
    { address: 0x1020, bytes: 0xfe0 },
    { address: 0x3001, bytes: 0xfff },
  ]);
  expect(blankedBy(planOf(plainSet(files), { erase: "none" }), 0xa000)).toEqual([]);
});
