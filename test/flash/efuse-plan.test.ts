import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { SYNTHETIC_KEY_HASH } from "../../harness/firmware/synthetic.js";
import { type EfusePlan, efusePlan, refuseForbidden, tellConflict } from "../../harness/flash/efuse-plan.js";
import { encodeRequest } from "../../harness/protocol/frames.js";
import { fuseMap, lockingFuses, maskOf } from "../support/fuses.js";
import { toHex } from "../support/golden.js";

const BLANK = fuseMap();
const planOf = (current: Uint8Array, wanted: Uint8Array, mask = maskOf(wanted)): EfusePlan =>
  efusePlan(current, wanted, mask);
const rowsOf = ({ changes }: EfusePlan): string[] =>
  changes.map(({ field, before, after }) => `${field}: ${before} -> ${after}`);
const conflictsOf = ({ conflicts }: EfusePlan): string[] =>
  conflicts.map((conflict) => `${conflict.forbids ? "!" : ""}${tellConflict(conflict)}`);
const addressesOf = ({ writes }: EfusePlan): number[] => writes.map(({ address }) => address);

test("a made-up map on a blank part: the vendor's six writes, byte for byte", () => {
  const wanted = Uint8Array.from({ length: 512 }, (_, index) => (index * 7 + 3) & 0xff);
  const frames = planOf(BLANK, wanted).writes.map((write) => encodeRequest("efuseWrite", write));
  expect(frames.map((frame) => [toHex(frame.subarray(0, 8)), frame.length])).toEqual([
    ["407e840000000000", 136],
    ["404a140070000000", 24],
    ["40fe840080000000", 136],
    ["40ca1400f0000000", 24],
    ["40c0040100010000", 264],
    ["40cb1400f0010000", 24],
  ]);
  // Computed apart from this code, from the published order of the writes.
  expect(frames.map((frame) => createHash("sha256").update(frame).digest("hex"))).toEqual([
    "fb6e41731b9b3bd38279c4e0f6390356851fa7b8f5561afd60244275da0655a8",
    "5cb9cd12625d2b11be94c0b87cbc5845cc4ce172b553c6945e264c07f03f3c4f",
    "0fbd0bf691a47916a2fbdb02758a328350fefd60549e5dd8f40247c8d6694541",
    "31d7bf3c7a75ee3b7458cb2152c43952a7edda5bbfc0044f23223ed395e93e41",
    "95f84ab5427138091a5bed5216f2819554a5d199378187e51ab9f5f50483e5b4",
    "77a140283850acccd461dbf35a2efa5332ec2394517055eb7eb68825c08e5e10",
  ]);
  expect(toHex(frames[1] ?? BLANK)).toBe("404a140070000000000000000000000000000000676e757c");
});

test.each([
  ["nothing", {}, []],
  ["only what block 0 holds", { 92: 0x80 }, [0x000]],
  ["only a lock word", { 124: 1 << 19 }, [0x070]],
  ["a block and its lock word: data first", { 64: 1, 124: 1 << 19 }, [0x000, 0x070]],
  ["the second block", { 128: 1, 252: 1 }, [0x080, 0x0f0]],
  ["the third block", { 256: 1, 508: 1 }, [0x100, 0x1f0]],
])("only writes that change something: %s", (_, words, addresses) => {
  expect(addressesOf(planOf(fuseMap({}, SYNTHETIC_KEY_HASH), fuseMap(words)))).toEqual(addresses);
});

test.each([
  [
    "locking a blank part",
    BLANK,
    lockingFuses(),
    [
      `key hash: empty -> ${SYNTHETIC_KEY_HASH}`,
      "sign_cfg: signed images only: no -> yes",
      "sw_usage_0: 0x00000000 -> 0x00000080",
    ],
  ],
  ["JTAG", BLANK, fuseMap({ 0: 3 << 26 }), ["JTAG: enabled -> disabled"]],
  ["half of JTAG's bits", BLANK, fuseMap({ 0: 1 << 26 }), ["word 0x0: 0x00000000 -> 0x04000000"]],
  [
    "anti-rollback",
    BLANK,
    fuseMap({ 124: 0x1000, 368: 0b1000, 376: 0b1000, 384: 1 << 20, 400: 1 << 20 }),
    [
      "anti-rollback: disabled -> enabled",
      "anti-rollback of boot2: 0 -> 3",
      "anti-rollback of the application: 0 -> 20",
      "lock word 0: 0x00000000 -> 0x00001000",
    ],
  ],
  ["lock word 1", BLANK, fuseMap({ 252: 1 << 15 }), ["lock word 1: 0x00000000 -> 0x00008000"]],
  ["the application's signature", BLANK, fuseMap({ 220: 1 << 26 }), ["application's signature type: 0 -> 1"]],
  [
    "the UART's end is told as such",
    fuseMap({ 92: 0x27 }),
    fuseMap({ 92: 0x10 }),
    ["boot ROM on the UART: enabled -> disabled", "sw_usage_0: 0x00000027 -> 0x00000037"],
  ],
  ["what has no name", fuseMap({ 416: 1 }), fuseMap({ 416: 2 }), ["word 0x1A0: 0x00000001 -> 0x00000003"]],
  ["nothing", lockingFuses(), lockingFuses(), []],
])("changes: %s", (_, current, wanted, rows) => {
  expect(rowsOf(planOf(current, wanted))).toEqual(rows);
});

describe("conflicts", () => {
  const other = "11".repeat(32);

  const unread = "cannot be read: it is left as it is, and not verified";

  test.each([
    [
      "a wanted 0 that is fused stays, and is told",
      fuseMap({ 92: 0x27 }, SYNTHETIC_KEY_HASH),
      fuseMap({ 92: 0x80 }),
      ["word at 0x5C: the bits 0x00000027 are wanted 0 and fused: they stay"],
    ],
    [
      "a key hash over another one",
      fuseMap({}, `${"11".repeat(31)}00`),
      fuseMap({}, `${"01".repeat(31)}02`),
      [
        `!key hash at 0x1C: expected the bytes ${"01".repeat(31)}02, but ${"11".repeat(31)}00 are fused: a mix of both would come of it`,
        ...[0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34].map(
          (at) => `word at 0x${at.toString(16).toUpperCase()}: the bits 0x10101010 are wanted 0 and fused: they stay`,
        ),
        "word at 0x38: the bits 0x00101010 are wanted 0 and fused: they stay",
      ],
    ],
    [
      "another MAC",
      fuseMap({ 20: 0x8240_0000, 24: 0x7b }),
      fuseMap({ 20: 1 }),
      ["!MAC at 0x14: expected the bytes 010000000000, but 000040827b00 are fused: a mix of both would come of it"],
    ],
    [
      "signed images only, without a key",
      BLANK,
      fuseMap({ 92: 0x80 }),
      ["!key hash at 0x1C: is empty or cannot be read, and sign_cfg would be set: no image might ever boot again"],
    ],
    [
      "write-locked, where bits are missing",
      fuseMap({ 124: (1 << 21) | (1 << 25), 108: 1 }),
      fuseMap({ 92: 4, 108: 1 }),
      ["!sw_usage_0 at 0x5C: is write-locked, and lacks bits that are wanted"],
    ],
    [
      "a key hash that a locked module does not tell",
      fuseMap({ 92: 0x80, 124: (1 << 17) | (1 << 18) }),
      lockingFuses(),
      [`key hash at 0x1C: ${unread}`],
    ],
    [
      "a key slot that is read-locked",
      fuseMap({ 124: 1 << 29 }),
      fuseMap({ 60: 5 }),
      [`key slot 2 at 0x3C: ${unread}`],
    ],
    ["a read lock of what is not wanted", fuseMap({ 124: 1 << 29 }), fuseMap({ 76: 5 }), []],
  ])("%s", (_, current, wanted, expected) => {
    expect(conflictsOf(planOf(current, wanted))).toEqual(expected);
  });

  test("what cannot be read is never written, so a lock that was burned is burned once", () => {
    const locked = fuseMap({ 92: 0x80, 124: (1 << 17) | (1 << 18) });
    expect(planOf(locked, lockingFuses()).writes).toEqual([]);
    const [write] = planOf(locked, lockingFuses({ 96: 1 })).writes;
    expect(write?.data.subarray(0x1c, 0x3c).every((byte) => byte === 0)).toBe(true);
    expect(write?.data[0x60]).toBe(1);
  });

  test("what forbids is refused, all of it at once", () => {
    const plan = planOf(fuseMap({ 124: 1 << 22 }, other), fuseMap({ 96: 1 }, SYNTHETIC_KEY_HASH));
    expect(() => refuseForbidden(plan, "bench: module 1")).toThrow(
      /^bench: module 1: sw_usage_1 at 0x60: is write-locked.*\nbench: module 1: key hash at 0x1C: expected/,
    );
    expect(() => refuseForbidden(planOf(BLANK, lockingFuses()), "bench")).not.toThrow();
  });

  test("a mask alone can want zeros", () => {
    const mask = fuseMap({ 256: 0xff });
    expect(conflictsOf(planOf(fuseMap({ 256: 0x101 }), BLANK, mask))).toEqual([
      "word at 0x100: the bits 0x00000001 are wanted 0 and fused: they stay",
    ]);
  });
});

test("whatever the fuses are: the writes give old OR wanted where it can be read, and a second plan has none", () => {
  const map = fc.uint8Array({ minLength: 512, maxLength: 512 });
  fc.assert(
    fc.property(map, map, (current, wanted) => {
      const plan = planOf(current, wanted);
      // A Buffer's slice is no copy: neither input may change, and both kinds of bytes give one plan.
      const [buffer, wish] = [Buffer.from(current), Buffer.from(wanted)];
      expect(JSON.stringify(planOf(buffer, wish).changes)).toBe(JSON.stringify(plan.changes));
      expect([buffer.equals(current), wish.equals(wanted)]).toEqual([true, true]);
      const after = current.slice();
      for (const { address, data } of plan.writes)
        for (const [index, byte] of data.entries()) after[address + index] = (after[address + index] ?? 0) | byte;
      expect(after).toEqual(current.map((byte, index) => byte | (plan.wanted[index] ?? 0)));
      expect(plan.changes.length === 0).toBe(plan.writes.length === 0);
      expect(planOf(after, wanted).writes).toEqual([]);
    }),
  );
});
