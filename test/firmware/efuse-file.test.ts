import { writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { sha256 } from "../../harness/firmware/bytes.js";
import { encodeEfuseFile, loadEfuseFile, readEfuseFile } from "../../harness/firmware/efuse-file.js";
import { scratch } from "../support/scratch.js";

const MAP_BYTES = 512;
const madeUp = Uint8Array.from({ length: MAP_BYTES }, (_, index) => (index * 31) & 0xff);
const fuseMap = fc.uint8Array({ minLength: MAP_BYTES, maxLength: MAP_BYTES });

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "no error";
  } catch (error) {
    return error instanceof HarnessError ? error.code : String(error);
  }
};

test("a container is what openssl and zlib make of the same fuses", () => {
  const container = encodeEfuseFile(madeUp);
  expect(container).toHaveLength(4608);
  expect(Buffer.from(container.subarray(0, 4)).toString("hex")).toBe("4e742ae4");
  expect(Buffer.from(container.subarray(4096, 4112)).toString("hex")).toBe("779c80857e91517ad51cf9651bfdddf0");
  expect(sha256(container).toString("hex")).toBe("4418094d2f4cc6a1b234236f0722a38f5f7682650916ef8b2db1d7d5f253dd2e");
});

test("what was put in comes out, and the mask is FF where a byte is not 0", () => {
  fc.assert(
    fc.property(fuseMap, (fuses) => {
      const { wanted, mask } = readEfuseFile(encodeEfuseFile(fuses), "fuses.bin");
      expect(Buffer.from(wanted).equals(fuses)).toBe(true);
      expect([...mask]).toEqual([...fuses].map((byte) => (byte === 0 ? 0 : 0xff)));
    }),
  );
});

test("a container with any flipped bit is refused", () => {
  const bit = fc.nat(4608 * 8 - 1);
  fc.assert(
    fc.property(fuseMap, bit, (fuses, at) => {
      const damaged = encodeEfuseFile(fuses);
      damaged[at >> 3] = (damaged[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect(codeOf(() => readEfuseFile(damaged, "fuses.bin"))).toBe("EFUSE_FILE_INVALID");
    }),
  );
});

test("any bytes are fuses or a clear error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const fits = bytes.length >= 16 && bytes.length <= MAP_BYTES && bytes.length % 4 === 0;
      expect(codeOf(() => readEfuseFile(bytes, "fuses.bin"))).toBe(fits ? "no error" : "EFUSE_FILE_INVALID");
    }),
  );
});

test("a raw file is the start of the map", () => {
  const { wanted, mask } = readEfuseFile(madeUp.subarray(0, 20), "fuses.bin");
  expect([...wanted.subarray(0, 20)]).toEqual([...madeUp.subarray(0, 20)]);
  expect(wanted.subarray(20).every((byte) => byte === 0)).toBe(true);
  expect(mask).toHaveLength(MAP_BYTES);
});

describe("each mistake is named", () => {
  test.each([
    [
      "too short",
      new Uint8Array(12),
      "expected 16 to 512 bytes of raw fuses in whole words, or a container of 4608, got 12",
    ],
    ["no whole word", new Uint8Array(18), "got 18"],
    ["between raw and container", new Uint8Array(4096), "got 4096"],
    ["too long", new Uint8Array(4609), "expected a container of 4608 bytes, or raw fuses of at most 512, got 4609"],
    ["no filler", new Uint8Array(4608).fill(1), "at 0x4: expected 00, got 01"],
    ["all zero", new Uint8Array(4608), "CRC32 of the fuses: expected 0x0, as at 0x0, got 0x"],
  ])("%s", (_, bytes, told) => {
    expect(() => readEfuseFile(bytes, "mine.bin")).toThrow(expect.objectContaining({ code: "EFUSE_FILE_INVALID" }));
    expect(() => readEfuseFile(bytes, "mine.bin")).toThrow(`mine.bin: `);
    expect(() => readEfuseFile(bytes, "mine.bin")).toThrow(told);
  });

  test("a map that is not 512 bytes is not encoded", () => {
    expect(codeOf(() => encodeEfuseFile(new Uint8Array(511)))).toBe("EFUSE_FILE_INVALID");
  });
});

describe("a mask file", () => {
  const data = Uint8Array.from([0, 0x80, ...new Uint8Array(14)]);
  const mask = Uint8Array.from([0x0f, 0xc0, ...new Uint8Array(14)]);

  test("lies beside the file and says which bits are meant, zeros too", () => {
    using folder = scratch();
    writeFileSync(folder.file("fuses.bin"), data);
    expect(loadEfuseFile(folder.file("fuses.bin")).mask[0]).toBe(0);
    writeFileSync(folder.file("fuses_mask.bin"), mask);
    const loaded = loadEfuseFile(folder.file("fuses.bin"));
    expect(loaded.name).toBe("fuses.bin");
    expect([...loaded.mask.subarray(0, 3)]).toEqual([0x0f, 0xc0, 0]);
  });

  test("a file that is no .bin is not its own mask", () => {
    using folder = scratch();
    writeFileSync(folder.file("fuses"), data);
    expect(loadEfuseFile(folder.file("fuses")).mask[1]).toBe(0xff);
  });

  test("must be as long as the data, and allow what the data sets", () => {
    expect(() => readEfuseFile(data, "fuses.bin", mask.subarray(0, 12))).toThrow(
      "fuses.bin: its mask file: expected 16 bytes, as the data, got 12",
    );
    expect(() => readEfuseFile(data, "fuses.bin", new Uint8Array(16))).toThrow(
      "fuses.bin: at 0x1: expected bits of the mask 00 alone, got 80",
    );
  });

  test("a missing file is told", () => {
    expect(codeOf(() => loadEfuseFile("/no/such/fuses.bin"))).toBe("FILE_UNREADABLE");
  });
});
