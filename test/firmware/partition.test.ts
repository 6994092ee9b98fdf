import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import {
  encodePartitionTable,
  findPartition,
  parsePartitionTable,
  ST_TABLE,
  TABLE_ADDRESSES,
} from "../../harness/firmware/partition.js";
import golden from "../golden/vectors.json" with { type: "json" };

const bytes = Buffer.from(golden.partition.hex, "hex");

test("ST's table, as data, is ST's file", () => {
  expect(Buffer.from(encodePartitionTable(ST_TABLE)).toString("hex")).toBe(golden.partition.hex);
  expect(parsePartitionTable(bytes, "partition.bin")).toEqual(ST_TABLE);
});

test("every field of ST's file", () => {
  const { entries } = parsePartitionTable(bytes, "partition.bin");
  const told = entries.map(({ name, type, device, active, slots: [first, second], length, age }) => ({
    type,
    device,
    active_index: active,
    name,
    address0: `0x${first.address.toString(16)}`,
    address1: `0x${second.address.toString(16)}`,
    max_len0: `0x${first.bytes.toString(16)}`,
    max_len1: `0x${second.bytes.toString(16)}`,
    len: `0x${length.toString(16)}`,
    age,
  }));
  expect(told).toEqual(golden.partition.entries.map(({ offset: _, ...rest }) => rest));
});

test.each(Object.entries(golden.partition.tool_lookup))(
  "%s is found where the vendor's tool finds it",
  (name, expected) => {
    const slot = findPartition(parsePartitionTable(bytes, "partition.bin"), name)?.slots[0];
    expect(slot !== undefined).toBe(expected.found);
    if (slot === undefined || !("size_le32_at_pos_plus_17" in expected)) return;
    expect(slot).toEqual({ address: Number(expected.address), bytes: expected.size_le32_at_pos_plus_17 });
  },
);

test("in flash the rest of the sector follows", () => {
  const sector = Buffer.concat([bytes, Buffer.alloc(0x1000 - bytes.length, 0xff)]);
  expect(parsePartitionTable(sector, "table at 0xE000")).toEqual(ST_TABLE);
  expect(TABLE_ADDRESSES).toEqual([0xe000, 0xf000]);
});

test("a table that was updated over the air keeps its ages and its second slot", () => {
  const [boot2, firmware, ...others] = ST_TABLE.entries;
  if (boot2 === undefined || firmware === undefined) throw new Error("ST's table has entries");
  const updated = {
    age: 3,
    entries: [boot2, { ...firmware, active: 1, age: 0x0100_0001, length: 77 }, ...others],
  } as const;
  expect(parsePartitionTable(encodePartitionTable(updated), "table")).toEqual(updated);
});

test.each([
  ["blank flash", Buffer.alloc(0x1000, 0xff), "magic at 0x0: expected BFPT, got ffffffff"],
  ["nothing", Buffer.alloc(0), "table: expected at least 20 bytes, got 0"],
  ["a table cut short", bytes.subarray(0, 300), "table: expected 308 bytes for 8 entries, got 300"],
])("%s is refused", (_, given, message) => {
  expect(() => parsePartitionTable(given, "t.bin")).toThrow(expect.objectContaining({ code: "PARTITION_INVALID" }));
  expect(() => parsePartitionTable(given, "t.bin")).toThrow(`t.bin: ${message}`);
});

test("every flipped bit is noticed, and never as anything but one of our errors", () => {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Uint8Array.from(bytes);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => parsePartitionTable(damaged, "t.bin")).toThrow(HarnessError);
  }
});

test("any bytes give a table or one of our errors", () => {
  const start = fc.constantFrom(Buffer.alloc(0), bytes.subarray(0, 16), bytes.subarray(0, 4));
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 400 }), (head, tail) => {
      try {
        parsePartitionTable(Buffer.concat([head, tail]), "t.bin");
      } catch (error) {
        expect(error).toMatchObject({ name: "HarnessError", code: "PARTITION_INVALID" });
      }
    }),
  );
});
