import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { openLiblzma } from "../../harness/native/liblzma.js";
import { XzDecoder, XzError, xzCompress, xzCompressAside, xzDecompress, xzHolds } from "../../harness/native/xz.js";

/** Stream header with CRC32 check, then a block header without sizes: LZMA2 with a dictionary of 32 KiB. As the vendor's tool sends it. */
const HEAD = "fd377a585a0000016922de360200210106000000eb78fcf3";

const sample = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at) >> 7));

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function codeOf(action: () => unknown): number {
  try {
    action();
  } catch (error) {
    if (error instanceof XzError) return error.returnCode;
    throw error;
  }
  return 0;
}

test("a stream starts with the vendor's parameters and ends with its footer", () => {
  const stream = xzCompress(sample);
  expect(hexOf(stream.subarray(0, 24))).toBe(HEAD);
  expect(hexOf(stream.subarray(-4))).toBe("0001595a");
  expect(stream.length).toBeLessThan(sample.length);
});

test("a known stream, made by Python's lzma", () => {
  const hello = Buffer.from("hello, module\n");
  const known =
    "fd377a585a0000016922de360200210106000000eb78fcf301000d68656c6c6f2c206d6f64756c650a000000cebd282d0001220e0cde8c609042990d010000000001595a";
  const stream = xzCompress(hello);
  expect(hexOf(stream)).toBe(known);
  expect(hexOf(xzDecompress(stream, 14))).toBe(hexOf(hello));
});

test("what was compressed comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      expect(hexOf(xzDecompress(xzCompress(bytes), bytes.length))).toBe(hexOf(bytes));
    }),
  );
});

test("the pieces in which a stream arrives do not matter", () => {
  const stream = xzCompress(sample);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (sizes) => {
      using decoder = new XzDecoder();
      const parts: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        expect(decoder.ended).toBe(false);
        parts.push(decoder.push(stream.subarray(at, at + size)));
        at += size;
      }
      expect(decoder.ended).toBe(true);
      expect(Buffer.concat(parts).equals(sample)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("output comes as early as the input allows", () => {
  const stream = xzCompress(sample);
  using decoder = new XzDecoder();
  const early = decoder.push(stream.subarray(0, stream.length >> 1));
  expect(early.length).toBeGreaterThan(0);
  expect(sample.subarray(0, early.length).equals(early)).toBe(true);
});

test("a stream cut short is refused wherever it is cut", () => {
  const stream = xzCompress(sample.subarray(0, 3000));
  for (let length = 0; length < stream.length; length++)
    expect(codeOf(() => xzDecompress(stream.subarray(0, length), 3000))).toBe(10);
});

test("a flipped bit never gives other bytes", () => {
  const bytes = sample.subarray(0, 3000);
  const stream = xzCompress(bytes);
  fc.assert(
    fc.property(fc.nat(stream.length * 8 - 1), (bit) => {
      const damaged = Uint8Array.from(stream);
      const at = bit >> 3;
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit & 7));
      const code = codeOf(() => expect(Buffer.from(xzDecompress(damaged, 4000)).equals(bytes)).toBe(true));
      expect([0, 6, 7, 8, 9, 10]).toContain(code);
    }),
  );
});

test("bytes behind the end, other formats and too much output are refused", () => {
  const stream = xzCompress(sample);
  expect(codeOf(() => xzDecompress(Buffer.concat([stream, Buffer.alloc(4)]), sample.length))).toBe(9);
  expect(codeOf(() => xzDecompress(Buffer.from("this is no xz stream"), 100))).toBe(7);
  expect(codeOf(() => xzDecompress(stream, sample.length - 1))).toBe(6);
});

test("an error stays: the decoder takes nothing more", () => {
  using decoder = new XzDecoder();
  expect(codeOf(() => decoder.push(Buffer.from("no stream of ours")))).toBe(7);
  expect(codeOf(() => decoder.push(xzCompress(sample)))).toBe(7);
  expect(decoder.ended).toBe(false);
});

test("a dictionary over 32 KiB is refused", () => {
  const stream = Buffer.from(xzCompress(sample));
  using small = new XzDecoder();
  expect(() => small.push(stream.subarray(0, 24))).not.toThrow();
  stream.writeUInt8(7, 16); // 48 KiB, the next size
  stream.writeUInt32LE(crc32(stream.subarray(12, 20)), 20);
  expect(codeOf(() => xzDecompress(stream, sample.length))).toBe(6);
});

test("a missing library is told with the package that has it", () => {
  expect.assertions(3);
  try {
    openLiblzma("liblzma-is-not-here.so.5");
  } catch (error) {
    expect(error).toBeInstanceOf(HarnessError);
    expect((error as HarnessError).code).toBe("DRIVER_MISSING");
    expect((error as HarnessError).advice).toContain("liblzma5");
  }
});

describe("in another thread", () => {
  test("it is the same stream, also of several at once", async () => {
    const inputs = [sample, Buffer.alloc(0), Buffer.alloc(200_000, "same"), sample.subarray(1)];
    const streams = await Promise.all(inputs.map((input) => xzCompressAside(input)));
    expect(streams.map((stream) => hexOf(stream ?? new Uint8Array()))).toEqual(
      inputs.map((input) => hexOf(xzCompress(input))),
    );
  });

  test("the event loop turns meanwhile", async () => {
    let turns = 0;
    const turning = (): void => void setImmediate(() => ++turns && done === undefined && turning());
    let done: Uint8Array | undefined;
    turning();
    // What comes out of it are seven pieces, and behind each of them the loop has turned.
    done = await xzCompressAside(randomBytes(400_000));
    expect(turns).toBeGreaterThan(1);
  });

  test("a stream holds the bytes that it was made of, and no others", async () => {
    const stream = xzCompress(sample);
    expect(await xzHolds(stream, sample)).toBe(true);
    for (const other of [sample.subarray(1), Buffer.concat([sample, sample]), Buffer.alloc(0)])
      expect(await xzHolds(stream, other)).toBe(false);
    for (const damaged of [stream.subarray(0, -1), Buffer.concat([stream, stream]), sample, Buffer.alloc(0)])
      expect(await xzHolds(damaged, sample)).toBe(false);
    const flipped = Uint8Array.from(stream, (byte, at) => (at === 100 ? byte ^ 1 : byte));
    expect(await xzHolds(flipped, sample)).toBe(false);
  });

  test("a stream that expands without an end is left after the bytes that it might hold", async () => {
    expect(await xzHolds(xzCompress(Buffer.alloc(20_000_000)), Buffer.alloc(1000))).toBe(false);
  });

  test("it ends early when nobody wants it any more", async () => {
    let asked = 0;
    expect(await xzCompressAside(randomBytes(1_000_000), () => asked++ > 0)).toBeUndefined();
    expect(asked).toBe(2);
  });
});
