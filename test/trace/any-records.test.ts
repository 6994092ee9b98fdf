import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { replayHost } from "../../harness/cli/trace/replay-host.js";
import { exchangesOf } from "../../harness/trace/conversation.js";
import { divergence } from "../../harness/trace/diff.js";
import { perfettoOf } from "../../harness/trace/perfetto.js";
import type { Trace } from "../../harness/trace/read.js";
import type { TraceRecord } from "../../harness/trace/record.js";
import { shownLines, shownObjects } from "../../harness/trace/show.js";
import { vcdOf } from "../../harness/trace/vcd.js";
import { anyRecords, SIDE } from "../support/trace.js";
import "../support/properties.js";

const traceOf = (records: readonly TraceRecord[]): Trace => ({
  header: { type: "trace", version: 1, ...SIDE },
  records,
  isCut: true,
});

const bytesOf = (records: readonly TraceRecord[], from: "host" | "module"): Buffer =>
  Buffer.concat(records.flatMap((each) => (each.type === "bytes" && each.from === from ? [each.data] : [])));

test("of whatever was recorded no byte is lost and none comes twice, and times are in order", () => {
  fc.assert(
    fc.property(anyRecords, (records) => {
      const found = exchangesOf(records);
      expect(Buffer.concat(found.map(({ sent }) => sent))).toEqual(bytesOf(records, "host"));
      expect(Buffer.concat(found.map(({ received }) => received))).toEqual(bytesOf(records, "module"));
      const times = found.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(found.every(({ durationMs }) => durationMs >= 0)).toBe(true);
    }),
  );
});

test("it can be shown, compared and drawn", () => {
  fc.assert(
    fc.property(anyRecords, (records) => {
      const trace = traceOf(records);
      expect([...shownLines(trace, 50)].every((line) => !line.includes("\n"))).toBe(true);
      expect([...shownObjects(trace)]).not.toEqual([]);
      expect(divergence(trace, trace).found).toBeUndefined();
      expect(JSON.parse([...perfettoOf(trace)].join(""))).toMatchObject({ traceEvents: expect.anything() });
      const times = [...[...vcdOf(trace)].join("").matchAll(/^#(\d+)$/gm)].map(([, ns]) => Number(ns));
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    }),
  );
});

test("and replayed: it is what our session sends, or it is told where it is not", async () => {
  await fc.assert(
    fc.asyncProperty(anyRecords, async (records) => {
      try {
        await replayHost(traceOf(records), new AbortController().signal);
      } catch (error) {
        expect(error instanceof HarnessError && error.code).toBe("TRACE_DIFFERS");
      }
    }),
  );
});
