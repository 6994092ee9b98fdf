import { expect, test } from "@jest/globals";
import { perfettoOf } from "../../harness/trace/perfetto.js";
import { parseTrace, readTrace } from "../../harness/trace/read.js";
import { lineOf, type TraceRecord } from "../../harness/trace/record.js";
import { vcdOf } from "../../harness/trace/vcd.js";
import { bytes } from "../support/golden.js";
import { SIDE } from "../support/trace.js";

const GOLDEN = readTrace("test/golden/trace-chip-info.jsonl");

interface Signal {
  readonly type: string;
  /** Every change: when, and to what. */
  readonly changes: [ns: number, value: string][];
}

/** What a viewer of IEEE 1364 dumps reads, and nothing more: whatever else is in the file is an error. */
function signalsIn(text: string): Record<string, Signal> {
  const [head = "", body = ""] = text.split("$enddefinitions $end\n");
  expect(head).toContain("$timescale 1 ns $end");
  const signals: Record<string, Signal> = {};
  const byId = new Map<string, Signal>();
  for (const [, type = "", id = "", name = ""] of head.matchAll(/\$var (\w+) 1 (\S) (\w+) \$end/g)) {
    const signal: Signal = { type, changes: [] };
    expect(byId.has(id)).toBe(false);
    byId.set(id, signal);
    signals[name] = signal;
  }
  let now = -1;
  for (const line of body.trimEnd().split("\n")) {
    const [, time, level, levelId, word, wordId] = /^(?:#(\d+)|([01x])(\S)|s(\S+) (\S))$/.exec(line) ?? [];
    if (time !== undefined) {
      expect(Number(time)).toBeGreaterThan(now);
      now = Number(time);
      continue;
    }
    if (line === "$dumpvars" || line === "$end") continue;
    const signal = byId.get(levelId ?? wordId ?? "");
    if (signal === undefined) throw new Error(`what is ${JSON.stringify(line)}?`);
    signal.changes.push([now, level ?? word ?? ""]);
  }
  return signals;
}

const drawn = (trace = GOLDEN) => signalsIn([...vcdOf(trace)].join(""));

/** The bytes that a UART of so many baud reads from a signal, and when each began. */
function readAt(signal: Signal | undefined, rates: readonly (readonly [fromNs: number, baud: number])[]) {
  const changes = signal?.changes ?? [];
  const levelAt = (ns: number): number => Number(changes.findLast(([at]) => at <= ns)?.[1] ?? 1);
  const read: number[] = [];
  let busyNs = 0;
  for (const [ns, value] of changes) {
    if (value !== "0" || ns < busyNs) continue;
    const bitNs = 1e9 / (rates.findLast(([from]) => from <= ns)?.[1] ?? 1);
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= levelAt(ns + (bit + 1.5) * bitNs) << bit;
    expect(levelAt(ns + 9.5 * bitNs)).toBe(1);
    read.push(byte);
    busyNs = ns + 9.6 * bitNs;
  }
  return Buffer.from(read);
}

const sentBy = (from: "host" | "module"): Buffer =>
  Buffer.concat(GOLDEN.records.flatMap((each) => (each.type === "bytes" && each.from === from ? [each.data] : [])));

test("the lines are what was driven, and a UART reads from the bits what was sent", () => {
  const signals = drawn();
  expect(signals["BOOT"]?.changes).toEqual([
    ...[
      [0, "x"],
      [0, "1"],
      [200_000_000, "0"],
    ],
  ]);
  expect(signals["CHIP_EN"]?.changes.map(([, value]) => value)).toEqual(["x", "0", "1", "0"]);
  expect(signals["POWER"]?.changes).toEqual([[0, "x"]]);
  const rates = GOLDEN.records.flatMap((each) => (each.type === "baud" ? [[each.ns, each.baud] as const] : []));
  expect(readAt(signals["host_tx_reconstructed"], rates).equals(sentBy("host"))).toBe(true);
  expect(readAt(signals["module_tx_reconstructed"], rates).equals(sentBy("module"))).toBe(true);
});

test("stages are words, and it is said that the bits are reconstructed and whose times these are", () => {
  const { stage } = drawn();
  expect(stage?.type).toBe("string");
  expect(stage?.changes.map(([, value]) => value)).toEqual([
    ...["-", "chip_info", "enter-rom", "chip_info", "boot-info", "chip_info", "clock-set", "chip_info", "set-para"],
    ...["chip_info", "-"],
  ]);
  expect([...vcdOf(GOLDEN)].join("")).toMatch(
    /\$comment .* seen from the host's end.* \$end\n\$comment .*reconstructed/,
  );
});

const traceOf = (records: readonly TraceRecord[]) =>
  parseTrace(Buffer.from([lineOf({ type: "trace", version: 1, ...SIDE }), ...records.map(lineOf)].join("")), "t");

test.each<[string, TraceRecord[]]>([
  ["nothing", []],
  ["bytes before any rate", [{ ns: 5, type: "bytes", from: "host", data: bytes("55") }]],
  [
    "a port that is hung up",
    [
      { ns: 5, type: "baud", baud: 0 },
      { ns: 6, type: "bytes", from: "module", data: bytes("55") },
    ],
  ],
  ["names with all that means something", [{ ns: 5, type: "begin", what: "case", name: "$end\n#1 é" }]],
  [
    "more than the line carries",
    Array.from({ length: 3 }, () => ({ ns: 1e6, type: "bytes", from: "module", data: bytes("5555") })),
  ],
])("a trace of %s can be drawn", (_, records) => {
  const trace = traceOf(records);
  expect(Object.keys(drawn(trace))).toHaveLength(7);
  expect(JSON.parse([...perfettoOf(trace)].join(""))).toMatchObject({ traceEvents: expect.any(Array) });
});

interface Slice {
  readonly name: string;
  readonly ph: string;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

test("cases, stages and commands lie in each other on one track; lines and throughput are counters", () => {
  const { traceEvents } = JSON.parse([...perfettoOf(GOLDEN)].join("")) as { traceEvents: Slice[] };
  const slices = traceEvents
    .filter(({ ph }) => ph === "X")
    .map(({ ts = 0, dur = 0, ...rest }) => ({ ...rest, ts, end: ts + dur }));
  for (const [index, one] of slices.entries())
    for (const other of slices.slice(index + 1)) {
      const apart = one.end <= other.ts || other.end <= one.ts;
      const within = (one.ts <= other.ts && other.end <= one.end) || (other.ts <= one.ts && one.end <= other.end);
      expect({ one: one.name, other: other.name, ok: apart || within }).toMatchObject({ ok: true });
    }
  expect(slices.filter(({ cat }) => cat === "case").map(({ name }) => name)).toEqual(["chip info"]);
  expect(slices.filter(({ cat }) => cat === "stage").map(({ name }) => name)).toEqual([
    ...["enter-rom", "boot-info", "clock-set", "set-para"],
  ]);
  expect(slices.find(({ name }) => name === "clockSet")?.args).toMatchObject({ answered: "OK", baud: 500_000 });
  const counters = new Set(traceEvents.filter(({ ph }) => ph === "C").map(({ name }) => name));
  expect([...counters].sort()).toEqual(["boot", "chipEn", "throughput, bytes/s"]);
});
