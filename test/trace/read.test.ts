import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { TraceFile } from "../../harness/trace/file.js";
import { parseTrace, readTrace } from "../../harness/trace/read.js";
import { lineOf, type TraceHeader, type TraceRecord } from "../../harness/trace/record.js";
import { scratch } from "../support/scratch.js";
import { anyRecords, recorderTo, SIDE } from "../support/trace.js";
import "../support/properties.js";

const HEADER: TraceHeader = { type: "trace", version: 1, ...SIDE };

const written = (all: readonly TraceRecord[]): Buffer => Buffer.from([HEADER, ...all].map(lineOf).join(""));

test("what was written is what is read", () => {
  fc.assert(
    fc.property(anyRecords, (all) => {
      expect(parseTrace(written(all), "t")).toEqual({
        header: HEADER,
        records: all,
        isCut: all.at(-1)?.type !== "closed",
      });
    }),
  );
});

test("a trace that is cut at any byte is read up to there", () => {
  fc.assert(
    fc.property(anyRecords, fc.nat(), (all, at) => {
      const whole = written(all);
      const header = Buffer.byteLength(lineOf(HEADER)) - 1;
      const cut = whole.subarray(0, header + (at % (whole.length - header + 1)));
      const lines = cut.toString("latin1").split("\n").length - 2;
      const found = parseTrace(cut, "t").records;
      // One whose end alone is missing is whole.
      expect(found.length - Math.max(0, lines)).toBeGreaterThanOrEqual(0);
      expect(found).toEqual(all.slice(0, found.length));
    }),
  );
});

const refusalOf = (bytes: Uint8Array): string => {
  try {
    parseTrace(bytes, "t");
    return "none";
  } catch (error) {
    if (error instanceof HarnessError && error.code === "TRACE_UNREADABLE") return error.message;
    throw error;
  }
};

test("no bytes whatever make a reader throw anything but its own error", () => {
  const anyLine = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom(
      ...written([{ ns: 1, type: "closed" }])
        .toString()
        .split("\n"),
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.array(anyLine).map((lines) => Buffer.from(lines.join("\n"))),
        fc.array(anyLine).map((lines) => Buffer.from(lineOf(HEADER) + lines.join("\n"))),
      ),
      (bytes) => {
        expect(typeof refusalOf(bytes)).toBe("string");
      },
    ),
  );
});

const first = lineOf(HEADER);
test.each([
  ["an empty file", "", "t: line 1: expected the header of a trace, the file is empty"],
  [
    "a journal",
    '{"type":"run.started","seq":0}\n',
    't: line 1: expected {"type":"trace","version":1,…}: this is no trace',
  ],
  ["an image", "BFNP\u0001", 't: line 1: expected one JSON object, got "BFNP\\u0001"'],
  ["a header that is cut", first.slice(0, 20), /line 1: expected one JSON object/],
  [
    "a newer version",
    first.replace('"version":1', '"version":2'),
    "t: line 1: expected version 1, got 2: a newer st67-hil wrote it",
  ],
  [
    "a line that is no JSON, before others",
    `${first}{"ns":\n{"ns":1,"type":"closed"}\n`,
    /line 2: expected one JSON object, got/,
  ],
  ["a record of another kind", `${first}{"ns":1,"type":"smell"}\n`, /line 2: expected a record of a trace: type/],
  ["bytes that are none", `${first}{"ns":1,"type":"bytes","from":"host","data":"?"}\n`, /line 2: .*data/],
  [
    "time that goes back",
    `${first}{"ns":2,"type":"closed"}\n{"ns":1,"type":"closed"}\n`,
    /line 3: expected a time of 2 ns or later/,
  ],
])("%s is refused by its line, with what was expected", (_, text, message) => {
  const refusal = refusalOf(Buffer.from(text));
  if (typeof message === "string") expect(refusal).toBe(message);
  else expect(refusal).toMatch(message);
});

test("the zeros that a file system leaves after a power cut are a last line that is cut", () => {
  const bytes = Buffer.concat([written([{ ns: 1, type: "note", text: "x" }]), Buffer.alloc(300)]);
  expect(parseTrace(bytes, "t").records).toEqual([{ ns: 1, type: "note", text: "x" }]);
});

test("a folder and a file that is missing are refused as everywhere", () => {
  using folder = scratch();
  mkdirSync(folder.file("d"));
  for (const path of [folder.file("d"), folder.file("none")])
    expect(() => readTrace(path)).toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
});

test("a trace does not grow for ever: it ends with a whole line, which is told once", () => {
  using folder = scratch();
  const told: string[] = [];
  using file = new TraceFile(folder.file("t"), (why) => void told.push(why), 100_000);
  for (let line = 0; line < 10_000; line++) file.add(`${"x".repeat(99)}\n`);
  const { size } = statSync(folder.file("t"));
  expect(size % 100).toBe(0);
  expect(size).toBeLessThan(200_000);
  expect(told).toEqual([`${folder.file("t")}: the trace ends here: it has ${size} bytes`]);
});

test("marks are in the file at once, and bytes with them; it is closed at its end", () => {
  using folder = scratch();
  const path = folder.file("t");
  writeFileSync(path, "an earlier one");
  const recorder = recorderTo(path, new VirtualClock());
  recorder.bytes("host", Uint8Array.of(1, 2, 3));
  expect(readTrace(path)).toMatchObject({ records: [], isCut: true });
  recorder.begin("stage", "erase");
  expect(readTrace(path).records.map(({ type }) => type)).toEqual(["bytes", "begin"]);
  recorder[Symbol.dispose]();
  expect(readTrace(path).isCut).toBe(false);
  const lines = readFileSync(path, "utf8").split("\n").length;
  recorder.bytes("host", Uint8Array.of(1));
  recorder.begin("stage", "late");
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(lines);
});

test("a line without an end is none of a trace", () => {
  const endless = Buffer.concat([Buffer.from(first), Buffer.alloc(33 * 1024 * 1024, "x")]);
  expect(refusalOf(endless)).toBe("t: line 2: expected a line of at most 33554432 bytes");
});
