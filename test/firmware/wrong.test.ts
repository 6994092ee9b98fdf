import { expect, test } from "@jest/globals";
import { checkImage } from "../../harness/firmware/check.js";
import { type Image, readImage } from "../../harness/firmware/image.js";
import { encodePartitionTable, parsePartitionTable, ST_TABLE } from "../../harness/firmware/partition.js";
import { signerOf } from "../../harness/firmware/synthetic.js";
import { variantOf } from "../../harness/firmware/variant.js";
import { badTable, flipped, secondSlotTable, signedBy, unsigned, wronglySigned } from "../../harness/firmware/wrong.js";
import { syntheticSet } from "../support/package.js";
import { firmwareOf } from "./small-package.js";

const GOOD = readImage(firmwareOf("t01"), "good.bin");

test.each<[string, (image: Image) => Uint8Array, string[]]>([
  ["unsigned", unsigned, ["flags sign"]],
  ["signed with another key", (image) => signedBy(signerOf(3), image), []],
  ["a signature of another body", wronglySigned, ["signature signature"]],
  ["a bit of the body", ({ bytes }) => flipped(bytes, 0x3000), ["body-hash bodySha256", "signature signature"]],
])("%s: that alone is wrong with the image", (_, make, wrong) => {
  const before = Buffer.from(GOOD.bytes);
  const image = readImage(make(GOOD), "wrong.bin");
  expect(checkImage(image).map(({ rule, field }) => `${rule} ${field}`)).toEqual(wrong);
  expect(before.equals(GOOD.bytes)).toBe(true);
});

test("another key is another key, and the same body", () => {
  const { keyHash, bodySha256 } = readImage(signedBy(signerOf(3), GOOD), "foreign.bin");
  expect(keyHash).not.toBe(GOOD.keyHash);
  expect(bodySha256).toBe(GOOD.bodySha256);
});

test("a table that an update left: one generation on, the firmware alone in its second slot", () => {
  const { age, entries } = parsePartitionTable(secondSlotTable(ST_TABLE), "table");
  expect(age).toBe(1);
  expect(entries.filter(({ active }) => active === 1).map(({ name }) => name)).toEqual(["FW"]);
});

test("a bad table is refused for the CRC of its entries", () => {
  expect(() => parsePartitionTable(badTable(encodePartitionTable(ST_TABLE)), "table")).toThrow("entriesCrc");
});

test("a variant is judged anew: what is wrong with it is found, and what was right stays", () => {
  const set = syntheticSet("t01");
  const same = variantOf(set, { erase: 1 });
  expect([same.erase, same.keyHash, same.findings]).toEqual([1, set.keyHash, set.findings]);
  expect(same.files.every(({ bytes, xz }, at) => bytes === set.files[at]?.bytes && xz === set.files[at]?.xz)).toBe(
    true,
  );
  const { findings, firmware, keyHash } = variantOf(set, {
    image: (image) => (image.kind === "firmware" ? signedBy(signerOf(3), image) : undefined),
  });
  expect(findings).toMatchObject([{ severity: "error", rule: "key", file: firmware.name }]);
  expect(keyHash).toBe(firmware.keyHash);
  expect(keyHash).not.toBe(set.keyHash);
});
