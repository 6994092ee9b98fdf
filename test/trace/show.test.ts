import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { parseTrace, readTrace } from "../../harness/trace/read.js";
import { lineOf, type TraceRecord } from "../../harness/trace/record.js";
import { shownLines, shownObjects } from "../../harness/trace/show.js";
import { bytes } from "../support/golden.js";
import { SIDE } from "../support/trace.js";

const GOLDEN = "test/golden/trace-chip-info.jsonl";

test("the golden trace of version 1 is shown as ever", () => {
  const shown = [...shownLines(readTrace(GOLDEN), 50)];
  expect(`${shown.join("\n")}\n`).toBe(readFileSync("test/golden/trace-chip-info.txt", "utf8"));
});

const shownOf = (records: readonly TraceRecord[], gapMs = 50): string[] => {
  const lines = [lineOf({ type: "trace", version: 1, ...SIDE }), ...records.map(lineOf)];
  return [...shownLines(parseTrace(Buffer.from(lines.join("")), "t"), gapMs)].slice(1);
};

let at = 0;
const say = (from: "host" | "module", hex: string, ms = 1): TraceRecord => {
  at += ms;
  return { ns: at * 1e6, type: "bytes", from, data: bytes(hex) };
};
/** A byte to an address of up to 0xFFFF. */
const write = (address: number): string =>
  `31000500${Buffer.from(Uint16Array.of(address).buffer).toString("hex")}0000ff`;

test("writes in a row are one line; one that failed stands alone, and so does silence", () => {
  at = 0;
  const records = [
    ...[0x1000, 0x1008, 0x1010].flatMap((address) => [say("host", write(address)), say("module", "4f4b")]),
    ...[say("host", write(0x1018)), say("module", "464c0600")],
    ...[say("host", "36000000"), say("host", "36000000", 2000)],
    ...[say("module", "5044"), say("module", "4f4b0400c4601600", 10), say("host", "fe", 60)],
  ];
  expect(shownOf(records).map((line) => line.replace(/^ +[\d.]+ ms {2}/, ""))).toEqual([
    "flashWrite x3, 0x1000..0x1010: OK (5 ms)",
    "flashWrite address 0x1018, data ff: FL 0006 (flash write error) (1 ms)",
    "flashReadJedec: silence for 2000 ms",
    "flashReadJedec: PD x1, OK c4601600 (11 ms)",
    "… 60 ms of silence",
    "fe, which is no command: nothing (0 ms)",
    "the trace is cut off here",
  ]);
});

test("what a module prints cannot move the terminal, and a name is one line", () => {
  const records: TraceRecord[] = [
    { ns: 0, type: "begin", what: "case", name: "a\nb" },
    { ns: 0, type: "closed" },
  ];
  expect(shownOf(records)).toEqual(["       0.000 ms  case a\\nb", "       0.000 ms  end of the trace"]);
});

test("for programs: every exchange, line and mark, bytes as hex digits", () => {
  const [header, ...rest] = [...shownObjects(readTrace(GOLDEN))] as Record<string, unknown>[];
  expect(header).toMatchObject({ type: "trace", version: 1, isCut: false });
  const command = rest.find(({ name }) => name === "clockSet");
  expect(command).toMatchObject({
    type: "command",
    baud: 500_000,
    stage: "clock-set",
    values: { irq: 1, baud: 2_000_000 },
    sent: "222b08000100000080841e00",
    answer: { kind: "ok" },
  });
  expect(rest.filter(({ type }) => type === "line")).toHaveLength(5);
  expect(rest.at(-1)).toMatchObject({ type: "closed" });
});
