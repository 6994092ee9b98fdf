import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { XzDecoder, XzError, xzCompress } from "../../../harness/native/xz.js";
import { Expander } from "../../../harness/sim/rom/expander.js";

const sample = Uint8Array.from({ length: 6000 }, (_, at) => Math.imul(at, 0x9e3779b1) >>> (24 + (at & 3)));
const stream = xzCompress(sample);

const changed = (at: number, bit: number): Uint8Array => stream.with(at, (stream[at] ?? 0) ^ (1 << bit));

/** All that is told of a stream, piece by piece. */
function told(decoder: Expander | XzDecoder, bytes: Uint8Array, sizes: readonly number[]): string[] {
  using used = decoder;
  const all: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
    at += piece.length;
    try {
      all.push(Buffer.from(used.push(piece)).toString("hex"));
    } catch (error) {
      if (!(error instanceof XzError)) throw error;
      all.push(error.message);
    }
    all.push(String(used.ended));
  }
  return all;
}

test("what is remembered of streams changes nothing: flipped, cut or longer, in any pieces, they expand as they do anew", () => {
  const flips = fc.record({ at: fc.nat(stream.length - 1), bit: fc.nat(7) }).map(({ at, bit }) => changed(at, bit));
  const cuts = fc.nat(stream.length).map((length) => stream.subarray(0, length));
  const longer = fc.uint8Array({ maxLength: 40 }).map((more) => Buffer.concat([stream, more]));
  const streams = fc.oneof(fc.constant(stream), flips, cuts, longer);
  /** Few sizes: most begin as others did. */
  const sizes = fc.array(fc.constantFrom(700, 1500), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(streams, sizes), { minLength: 1, maxLength: 6 }), (plays) => {
      for (const [bytes, pieces] of plays)
        expect(told(new Expander(), bytes, pieces)).toEqual(told(new XzDecoder(), bytes, pieces));
    }),
    { numRuns: 60 },
  );
});

test("one flipped bit in a stream that is known from beginning to end is found", () => {
  const known = told(new Expander(), stream, [512]);
  expect(known.at(-1)).toBe("true");
  for (let at = 0; at < stream.length; at += 97) expect(told(new Expander(), changed(at, 3), [512])).not.toEqual(known);
});

test("who changes a piece afterwards changes nothing that is remembered", () => {
  const known = told(new XzDecoder(), stream, [stream.length]);
  const mine = stream.slice();
  using first = new Expander();
  first.push(mine);
  mine.fill(0);
  expect(told(new Expander(), stream, [stream.length])).toEqual(known);
});

test("more streams than are remembered", () => {
  const large = xzCompress(new Uint8Array(3 * 1024 * 1024));
  const known = told(new XzDecoder(), large, [1 << 16]);
  for (let turn = 0; turn < 4; turn++) {
    const other = xzCompress(new Uint8Array(3 * 1024 * 1024).fill(turn));
    told(new Expander(), other, [1 << 16]);
    expect(told(new Expander(), large, [1 << 16])).toEqual(known);
  }
});
