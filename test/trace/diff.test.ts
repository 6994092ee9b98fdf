import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { divergence } from "../../harness/trace/diff.js";
import { readTrace, type Trace } from "../../harness/trace/read.js";
import type { TraceRecord } from "../../harness/trace/record.js";
import { bytes } from "../support/golden.js";
import "../support/properties.js";

const GOLDEN = readTrace("test/golden/trace-chip-info.jsonl");

/** The golden trace with some records changed or taken away. */
const changed = (change: (record: TraceRecord, index: number) => TraceRecord | undefined): Trace => ({
  ...GOLDEN,
  records: GOLDEN.records.flatMap((record, index) => change(record, index) ?? []),
});

const isTo = (record: TraceRecord, opcode: number): boolean =>
  record.type === "bytes" && record.from === "host" && record.data[0] === opcode;

test("a trace is the same as itself, at whatever pace, and with other bursts and marks", () => {
  const slower = changed((record) => (record.type === "begin" ? undefined : { ...record, ns: record.ns * 3 }));
  const burst = changed((record) =>
    isTo(record, 0x55) ? ({ ...record, data: new Uint8Array(69).fill(0x55) } as TraceRecord) : record,
  );
  for (const other of [GOLDEN, slower, burst]) expect(divergence(GOLDEN, other)).toEqual({ same: 8, found: undefined });
});

test.each<[string, Trace, object]>([
  [
    "another command",
    changed((record) => (isTo(record, 0x36) ? ({ ...record, data: bytes("60000000") } as TraceRecord) : record)),
    { exchange: 7, what: "another command was sent" },
  ],
  [
    "another rate",
    changed((record) => (record.type === "baud" && record.baud > 500_000 ? { ...record, baud: 1_000_000 } : record)),
    { exchange: 6, what: "the line stood at 2000000 and at 1000000 Bd" },
  ],
  [
    "another value",
    changed((record) =>
      isTo(record, 0x23) ? ({ ...record, data: bytes("23000400d0070000") } as TraceRecord) : record,
    ),
    { exchange: 4, what: "what was sent differs from its byte 4 on" },
  ],
  [
    "another answer",
    changed((record, index) =>
      record.type === "bytes" && record.from === "module" && isTo(GOLDEN.records[index - 1] ?? record, 0x10)
        ? { ...record, data: record.data.with(6, 1) }
        : record,
    ),
    { exchange: 3, what: "what came differs from its byte 6 on" },
  ],
  [
    "BOOT not driven",
    changed((record) => (record.type === "line" && record.line === "boot" ? undefined : record)),
    { exchange: 1, what: "BOOT was different" },
  ],
  [
    "an end",
    {
      ...GOLDEN,
      records: GOLDEN.records.slice(
        0,
        GOLDEN.records.findIndex((each) => isTo(each, 0x36)),
      ),
    },
    { exchange: 7, what: "one of them ends here", b: undefined },
  ],
])("%s is found", (_, other, found) => {
  expect(divergence(GOLDEN, other).found).toMatchObject(found);
});

test("it is the same from both sides, and there is none between equals", () => {
  const part = fc
    .nat({ max: GOLDEN.records.length })
    .map((end) => ({ ...GOLDEN, records: GOLDEN.records.slice(0, end) }));
  fc.assert(
    fc.property(part, part, (a, b) => {
      const [one, other] = [divergence(a, b), divergence(b, a)];
      expect(other.same).toBe(one.same);
      expect(other.found?.a).toEqual(one.found?.b);
      expect(divergence(a, a).found).toBeUndefined();
    }),
  );
});
