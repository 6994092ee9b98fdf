import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { decodeBootInfo, encodeBootInfo } from "../../harness/protocol/boot-info.js";
import { capacityBytes, decodeJedec, FLASH_PARAMETERS, flashWord } from "../../harness/protocol/flash.js";
import { statusText } from "../../harness/protocol/status.js";
import { bytes, toHex, VECTORS } from "../support/golden.js";

test.each(VECTORS.boot_info)("boot info of $name", ({ data, sign, sw_usage_0, sw_usage_1, flash_pin, chip_id }) => {
  expect(decodeBootInfo(bytes(data))).toMatchObject({
    signRequired: sign === 1,
    chipId: chip_id,
    swUsage0: Number.parseInt(sw_usage_0, 16),
    swUsage1: Number.parseInt(sw_usage_1, 16),
    flashPin: Number(flash_pin),
    checked: data.length === 56,
  });
});

test.each(VECTORS.boot_info)("the device's side makes the bytes of $name", ({ data }) => {
  expect(toHex(encodeBootInfo(decodeBootInfo(bytes(data))))).toBe(data);
});

describe("the boot info of a sister chip's loader", () => {
  const fuses = Array.from({ length: 20 }, (_, at) => 0x30 + at);
  const loader = (size: number) => Uint8Array.from([0xff, 0xff, 0xff, 0xff, ...fuses.slice(0, size - 4)]);

  test.each([
    [20, undefined],
    [24, 0x43424140],
  ])("%i bytes: an id without a check, and nothing of locks", (size, swUsage1) => {
    expect(decodeBootInfo(loader(size))).toEqual({
      loader: true,
      romVersion: 0xff,
      signRequired: false,
      encryptRequired: false,
      chipId: "3d3c3b3a3938",
      swUsage0: 0x37363534,
      swUsage1,
      flashPin: (0x37363534 >>> 14) & 0x3f,
      checked: false,
    });
  });

  test.each([0, 4, 19, 21, 23, 25, 27, 29])("%i bytes are none", (size) => {
    expect(() => decodeBootInfo(new Uint8Array(size).fill(0xff))).toThrow(
      expect.objectContaining({ code: "BOOT_INFO_CORRUPT", message: expect.stringContaining("20, 24 or 28") }),
    );
  });

  test("20 bytes of a ROM: all but the second word, and its id is checked", () => {
    const [{ data, chip_id } = { data: "", chip_id: "" }] = VECTORS.boot_info;
    const short = bytes(data).subarray(0, 20);
    expect(decodeBootInfo(short)).toMatchObject({ loader: false, chipId: chip_id, swUsage1: undefined });
    short[12] = (short[12] ?? 0) ^ 1;
    expect(() => decodeBootInfo(short)).toThrow(expect.objectContaining({ code: "BOOT_INFO_CORRUPT" }));
  });
});

test("reading a boot info changes nothing in it, whatever kind of array it is", () => {
  const [{ data, chip_id } = { data: "", chip_id: "" }] = VECTORS.boot_info;
  const buffer = Buffer.from(data, "hex");
  for (let round = 0; round < 2; round++) expect(decodeBootInfo(buffer).chipId).toBe(chip_id);
  expect(toHex(buffer)).toBe(data);
});

test("any flipped bit of a boot info is noticed", () => {
  const [{ data } = { data: "" }] = VECTORS.boot_info;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 28 * 8 - 1 }), (bit) => {
      const damaged = bytes(data);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeBootInfo(damaged)).toThrow(
        expect.objectContaining({ code: "BOOT_INFO_CORRUPT", blame: "link" }),
      );
    }),
  );
});

test("no bytes make the boot info decoder throw anything but its own error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
      try {
        decodeBootInfo(data);
      } catch (error) {
        expect(error).toBeInstanceOf(HarnessError);
      }
    }),
  );
});

test("the word of set-para", () => {
  expect(flashWord(0x08)).toBe(0x01014108);
  const wire = new Uint8Array(4);
  new DataView(wire.buffer).setUint32(0, flashWord(0x08), true);
  expect(VECTORS.flash_set_word.map((vector) => vector.wire)).toContain(toHex(wire));
});

test("the vendor's flash block", () => {
  expect(toHex(FLASH_PARAMETERS)).toBe(VECTORS.flash_para_bin.hex);
});

test.each(VECTORS.jedec)("capacity of $jedec_id", ({ jedec_id, size_bytes }) => {
  expect(decodeJedec(bytes(`${jedec_id}00`))).toEqual({ id: jedec_id, flashBytes: size_bytes, known: false });
});

test("a flash that the device knows, and a capacity below the family", () => {
  expect(decodeJedec(bytes("ef401680")).known).toBe(true);
  expect(capacityBytes(0x00)).toBe(0);
});

test("statuses have names", () => {
  expect(statusText(0x0006)).toBe("FL 0006 (flash write error)");
  expect(statusText(0x1234)).toBe("FL 1234 (unknown status)");
});

test.each(Object.entries(VECTORS.error_codes.device))("status %s, %s, has a name", (code, name) => {
  const text = statusText(Number.parseInt(code, 16));
  expect(text).toMatch(new RegExp(`^FL ${code} \\(.+\\)$`));
  expect(text).not.toContain("unknown status");
  expect(text.toLowerCase().includes("error")).toBe(name.includes("ERROR"));
});
