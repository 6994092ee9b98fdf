import fc from "fast-check";
import type { Clock } from "../../harness/base/time.js";
import { MARKS, type TraceRecord } from "../../harness/trace/record.js";
import { Recorder } from "../../harness/trace/recorder.js";

export const SIDE = { harness: "0.1.0", rig: "sim", simulated: true, side: "host" } as const;

/** A recorder as a test wants it: one that ends early is a failure of the test. */
export const recorderTo = (path: string, clock: Clock): Recorder =>
  new Recorder(path, SIDE, clock, (why) => {
    throw new Error(why);
  });

const someBytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
/** What a conversation is made of, and parts of it. */
const PIECES = [
  ...["5555", "10000000", "36000000", "3c000000", "3102050000000000ff", "3f000500000000", "80ff", "40"],
  ...["4f4b", "4f", "5044", "464c0600", "464c", "4f4b0400c4601600", "4f4b1c00"],
].map((hex) => Buffer.from(hex, "hex"));

const untimed = fc.oneof(
  fc.record({
    type: fc.constant("bytes" as const),
    from: fc.constantFrom("host" as const, "module" as const),
    data: fc.oneof(someBytes, fc.constantFrom(...PIECES)).map((each): Uint8Array => Buffer.from(each)),
  }),
  fc.record({
    type: fc.constant("line" as const),
    line: fc.constantFrom("boot" as const, "chipEn" as const, "power" as const),
    asserted: fc.boolean(),
  }),
  fc.record({ type: fc.constant("ready" as const), asserted: fc.boolean() }),
  fc.record({ type: fc.constant("baud" as const), baud: fc.nat() }),
  fc.record({
    type: fc.constantFrom("begin" as const, "end" as const),
    what: fc.constantFrom(...MARKS),
    name: fc.string({ unit: "grapheme" }),
  }),
  fc.record({ type: fc.constant("note" as const), text: fc.string({ unit: "grapheme" }) }),
  fc.record({ type: fc.constant("closed" as const) }),
);
/** Whatever a trace may hold, in any order. */
export const anyRecords: fc.Arbitrary<TraceRecord[]> = fc
  .array(fc.tuple(fc.maxSafeNat(), untimed), { maxLength: 8 })
  .map((all) => {
    const times = all.map(([ns]) => ns).sort((a, b) => a - b);
    return all.map(([, each], index): TraceRecord => ({ ns: times[index] ?? 0, ...each }));
  });
