import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkImage, type Expectations } from "../../harness/firmware/check.js";
import type { Rule } from "../../harness/firmware/finding.js";
import { encodeBootHeader, parseBootHeader, verifySignature } from "../../harness/firmware/header.js";
import { readImage } from "../../harness/firmware/image.js";
import { checkComponentVersion } from "../../harness/firmware/released.js";
import { SYNTHETIC_KEY_HASH, syntheticBoot2, syntheticFirmware } from "../../harness/firmware/synthetic.js";
import golden from "../golden/vectors.json" with { type: "json" };

const BYTES = 16 * 1024;
const t01 = syntheticFirmware({ profile: "t01", version: "2.0.106", bytes: BYTES });

function flipped(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[at] = (out[at] ?? 0) ^ mask;
  return out;
}

function rulesOf(bytes: Uint8Array, expectations: Expectations = {}): Rule[] {
  const findings = checkImage(readImage(bytes, "x.bin"), expectations);
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

test("a good image raises nothing", () => {
  expect(rulesOf(t01, { expectProfile: "t01", expectVersion: "2.0.106", slotBytes: BYTES })).toEqual([]);
  expect(rulesOf(syntheticBoot2(), { expectVersion: "8.1.9", slotBytes: 0xe000 })).toEqual([]);
});

test("what an image says of itself", () => {
  const image = readImage(t01, "x.bin");
  expect(image).toMatchObject({ profile: "t01", kind: "firmware", keyHash: SYNTHETIC_KEY_HASH });
  expect(image.versionBlock).toEqual({
    antiRollback: 0,
    version: "2.0.106",
    name: "app",
    buildTime: "Jan  1 2026 01:00:46",
    commit: "",
  });
  expect(image.body).toHaveLength(BYTES - 0x1000);
  expect(image.header).toMatchObject({ bodyOffset: 0x1000, bootEntry: 0xa0000000, revision: 1 });
  expect(image.header.flags).toEqual({
    word: 0x72cd0101,
    sign: 1,
    encrypt: 0,
    noSegment: true,
    crcIgnore: true,
    hashIgnore: false,
  });
  const boot2 = readImage(syntheticBoot2(), "boot2.bin");
  expect(boot2).toMatchObject({ profile: undefined, kind: "boot2", versionBlock: { name: "boot2", version: "8.1.9" } });
});

test("the clock block is the one that clock-set may carry", () => {
  const row = golden.framing.find(({ name }) => name.startsWith("clk_set with 20-byte clock_para"));
  expect(row?.request.slice(-40)).toBe(Buffer.from(parseBootHeader(t01, "x.bin").clock).toString("hex"));
});

test.each([
  ["t01", "2.0.106", "t01"],
  ["t02", "2.0.106", "t02"],
  ["mfg", "2.0.106", "mfg"],
  ["t01", "2.0.89", "t01"],
  ["t02", "2.0.89", "t02"],
  ["t01", "2.0.75", undefined],
] as const)("the marker of %s@%s tells %s", (profile, version, expected) => {
  expect(readImage(syntheticFirmware({ profile, version, bytes: BYTES }), "x.bin").profile).toBe(expected);
});

const MARKER_AT = Buffer.from(t01).indexOf("SW image:");

/** Behind the texts of a synthetic image lies nothing but noise. */
const withText = (text: string): Uint8Array => {
  const bytes = Buffer.from(t01);
  bytes.fill(0, MARKER_AT, MARKER_AT + 40);
  bytes.write(text, bytes.length - text.length, "latin1");
  return bytes;
};

test.each([
  ["SW image:spi_wifi_qcc74xdk", "t01"],
  ["SW image:spi_wifi_qcc74xdk\0", "t01"],
  ["SW image:spi_wifi_qcc74xdk_lwip_onhost", "t02"],
  ["SW image:SW image:mfg_test_qcc74xdk\0", "mfg"],
  ["SW image:spi_wifi_qcc74xdk_lwip_on\0", undefined],
  ["SW image:spi_wifi_qcc74xdk\0SW image:spi_wifi_qcc74xdk_lwip_onhost\0", undefined],
  [`SW image:spi_wifi_${"x".repeat(20)}dk_lwip_onhost\0`, "t02"],
  [`SW image:spi_wifi_${"x".repeat(44)}dk_lwip_onhost\0`, undefined],
])("%j, the last of an image, tells %s", (text, expected) => {
  expect(readImage(withText(text), "x.bin").profile).toBe(expected);
});

test("each text that names another version is told, with its place; one that is cut short too", () => {
  const texts = ["2.0.106\0", "2.0.97-rc1\0", "2.0.10"].map((version) => `component_version_sdk_${version}`);
  const bytes = withText(texts.join(""));
  const found = checkComponentVersion(readImage(bytes, "x.bin"));
  const at = bytes.length - "2.0.97-rc1\0component_version_sdk_2.0.10".length;
  expect(found.map(({ offset, found: version }) => [offset, version])).toEqual([
    [at, "2.0.97-rc1"],
    [bytes.length - "2.0.10".length, "2.0.10"],
  ]);
});

test("without a marker the file's name decides, which is told", () => {
  const old = readImage(syntheticFirmware({ profile: "t01", version: "2.0.75", bytes: BYTES }), "old.bin");
  expect(checkImage(old, { expectProfile: "t01", expectVersion: "2.0.75" })).toEqual([
    { severity: "warning", file: "old.bin", rule: "profile", field: "SW image", expected: "t01", found: "no marker" },
  ]);
});

test.each<[what: string, at: number, mask: number, rules: Rule[]]>([
  ["flash config", 0x20, 1, ["flash-config-crc", "header-crc"]],
  ["flash config CRC", 0x60, 1, ["flash-config-crc", "header-crc"]],
  ["clock", 0x68, 1, ["clock-crc", "header-crc"]],
  ["clock CRC", 0x74, 1, ["clock-crc", "header-crc"]],
  ["encrypt flag", 0x78, 4, ["flags", "header-crc"]],
  ["no_segment flag", 0x79, 1, ["flags", "header-crc"]],
  ["hash_ignore flag", 0x7a, 2, ["flags", "header-crc"]],
  ["body offset", 0x7d, 0x20, ["body-hash", "header-crc", "length", "profile", "signature", "version"]],
  ["body length", 0x85, 0x10, ["body-hash", "header-crc", "length", "signature"]],
  ["body hash", 0x88, 1, ["body-hash", "header-crc"]],
  ["boot entry", 0xb0, 1, ["header-crc"]],
  ["header CRC", 0xfc, 1, ["header-crc"]],
  ["public key", 0x100, 1, ["key-crc", "signature"]],
  ["public key CRC", 0x140, 1, ["key-crc"]],
  ["signature length", 0x144, 1, ["flags", "signature-crc"]],
  ["signature", 0x148, 1, ["signature", "signature-crc"]],
  ["signature CRC", 0x188, 1, ["signature-crc"]],
  ["code", 0x3000, 1, ["body-hash", "signature"]],
  ["version block's magic", 0x1c00, 1, ["body-hash", "signature", "version"]],
  ["anti-rollback counter", 0x1c08, 1, ["anti-rollback", "body-hash", "signature"]],
  ["version", 0x1c0b, 1, ["body-hash", "signature", "version"]],
  ["marker", MARKER_AT, 1, ["body-hash", "profile", "signature"]],
])("a flipped bit in: %s", (_, at, mask, rules) => {
  expect(rulesOf(flipped(t01, at, mask), { expectProfile: "t01", expectVersion: "2.0.106" })).toEqual(rules);
});

test("a finding names file, field, offset, expected and found", () => {
  const image = readImage(flipped(t01, 0x1c0b), "st67w611m_mission_t01_v2.0.106.bin");
  expect(checkImage(image, { expectVersion: "2.0.106" }).find(({ rule }) => rule === "version")).toEqual({
    severity: "error",
    file: "st67w611m_mission_t01_v2.0.106.bin",
    rule: "version",
    field: "version",
    offset: 0x1c09,
    expected: "2.0.106",
    found: "2.0.107",
  });
});

test("another profile, a small slot, a file cut short, bytes behind the end", () => {
  expect(rulesOf(t01, { expectProfile: "t02" })).toEqual(["profile"]);
  expect(rulesOf(t01, { slotBytes: BYTES - 1 })).toEqual(["slot"]);
  expect(rulesOf(t01.subarray(0, BYTES - 16))).toEqual(["body-hash", "length", "signature"]);
  expect(rulesOf(Buffer.concat([t01, Buffer.alloc(16)]))).toEqual(["length"]);
});

test("an unsigned image has no key, and is told", () => {
  const body = t01.subarray(0x1000);
  const unsigned = readImage(Buffer.concat([encodeBootHeader(body, 0x1000, undefined), body]), "x.bin");
  expect(unsigned).toMatchObject({ keyHash: "", header: { publicKey: undefined, signature: undefined } });
  expect(checkImage(unsigned).map(({ rule, field }) => `${rule} ${field}`)).toEqual(["flags sign"]);
});

test("every flipped bit of header, key, signature and body is noticed", () => {
  const inside = fc.oneof(fc.nat(0x18b), fc.integer({ min: 0x1000, max: BYTES - 1 }));
  fc.assert(
    fc.property(inside, fc.nat(7), (at, bit) => {
      let found: number;
      try {
        found = rulesOf(flipped(t01, at, 1 << bit)).length;
      } catch (error) {
        expect(error).toMatchObject({ code: "IMAGE_INVALID" });
        found = 1;
      }
      expect(found).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test("any bytes give findings or one of our errors", () => {
  fc.assert(
    fc.property(fc.nat(BYTES), fc.uint8Array({ maxLength: 600 }), fc.nat(0x200), (length, noise, at) => {
      const bytes = Buffer.from(t01.subarray(0, length));
      bytes.set(noise.subarray(0, Math.max(0, length - at)), Math.min(at, length));
      try {
        rulesOf(bytes);
      } catch (error) {
        expect(error).toMatchObject({ name: "HarnessError", code: "IMAGE_INVALID" });
      }
    }),
  );
});

test("a key that is no point of the curve verifies nothing", () => {
  const header = parseBootHeader(t01, "x.bin");
  const body = t01.subarray(0x1000);
  expect(verifySignature(header, body)).toBe(true);
  for (const fill of [0x00, 0x01, 0xff])
    expect(verifySignature({ ...header, publicKey: new Uint8Array(64).fill(fill) }, body)).toBe(false);
  expect(verifySignature({ ...header, signature: new Uint8Array(64) }, body)).toBe(false);
  expect(verifySignature({ ...header, publicKey: undefined }, body)).toBe(false);
});

test("a foreign key: another hash, the signature holds", () => {
  const foreign = syntheticFirmware({ profile: "t01", version: "2.0.106", bytes: BYTES, seed: 1 });
  expect(rulesOf(foreign)).toEqual([]);
  expect(readImage(foreign, "x.bin").keyHash).not.toBe(SYNTHETIC_KEY_HASH);
});
