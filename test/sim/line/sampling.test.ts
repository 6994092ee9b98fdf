import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { resample } from "../../../harness/sim/line/sampling.js";
import { since } from "../../../harness/sim/line/train.js";

test("the same rate, or one that is 2 % off, reads right", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(resample(bytes, 500_000, 500_000)).toEqual(bytes);
  expect(resample(bytes, 500_000, 510_000)).toEqual(bytes);
  expect(resample(bytes, 500_000, 490_000)).toEqual(bytes);
});

test("half the rate: four bits of 0x55 are two, worked out by hand", () => {
  // 0x55 on the line: 0 1010 1010 1. A receiver with bits twice as long samples at 1, 3, 5 ...: the start bit is a glitch.
  // 0x00: nine low bits, one high: start, then low at 3, 5, 7, high at 9, then the idle line.
  expect([...resample(Uint8Array.of(0x00), 1_000_000, 500_000)]).toEqual([0xf8]);
});

test("twice the rate: every bit is seen twice", () => {
  // 0xff: one low bit, seen as start and lowest bit; the rest is high.
  expect([...resample(Uint8Array.of(0xff), 500_000, 1_000_000)]).toEqual([0xfe]);
});

test("any two rates make some bytes, never more than the line has room for", () => {
  const baud = fc.constantFrom(9600, 115_200, 500_000, 921_600, 2_000_000, 3_000_000);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), baud, baud, (bytes, from, to) => {
      const read = resample(bytes, from, to);
      expect(read.length).toBeLessThanOrEqual(Math.ceil((bytes.length * to) / from) + 1);
      expect(resample(bytes, from, to)).toEqual(read);
    }),
  );
});

test("a train is cut at a time: what ended later, or began later", () => {
  const train = { bytes: Uint8Array.of(1, 2, 3, 4), baud: 10_000, endMs: 10 };
  const cut = (ms: number, whole?: boolean) => [...since(train, ms, whole).bytes];
  expect([cut(0), cut(6), cut(7), cut(7.5), cut(9.9), cut(10), cut(11)]).toEqual([
    [1, 2, 3, 4],
    [1, 2, 3, 4],
    [2, 3, 4],
    [2, 3, 4],
    [4],
    [],
    [],
  ]);
  expect([cut(6, true), cut(6.5, true), cut(7, true), cut(9.5, true), cut(20, true)]).toEqual([
    [1, 2, 3, 4],
    [2, 3, 4],
    [2, 3, 4],
    [],
    [],
  ]);
});
