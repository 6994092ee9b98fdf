import type { Line } from "../base/wire.js";
import { bitsOf, type Level } from "./bits.js";
import { Marks } from "./marks.js";
import type { Trace } from "./read.js";
import type { TraceRecord } from "./record.js";

/** A change of one signal, as it stands in the file. */
interface Change {
  readonly ns: number;
  readonly text: string;
}

const SIGNALS = {
  boot: ["!", "wire", "BOOT"],
  chipEn: ['"', "wire", "CHIP_EN"],
  power: ["#", "wire", "POWER"],
  ready: ["$", "wire", "SPI_RDY"],
  stage: ["%", "string", "stage"],
  host: ["&", "wire", "host_tx_reconstructed"],
  module: ["'", "wire", "module_tx_reconstructed"],
} as const;
const LEVELS = ["boot", "chipEn", "power", "ready"] as const;

/** So much is handed on at once. */
const PIECE_CHARS = 64 * 1024;

/** A trace as a value change dump (IEEE 1364), for viewers of waveforms; in pieces, since bits are many. */
export function* vcdOf({ header, records }: Trace): Iterable<string> {
  const startNs = records[0]?.ns ?? 0;
  const { rig, side, harness } = header;
  yield [
    `$comment Wire trace of ${words(rig)} by st67-hil ${words(harness)}, seen from the ${side}'s end: times are its own. $end`,
    "$comment The bits of both directions are reconstructed from bytes, their times and the rate; nobody has seen them. $end",
    "$timescale 1 ns $end",
    "$scope module st67 $end",
    ...Object.values(SIGNALS).map(([id, type, name]) => `$var ${type} 1 ${id} ${name} $end`),
    "$upscope $end",
    "$enddefinitions $end",
    "",
  ].join("\n");
  const [stage] = SIGNALS.stage;
  yield ["#0", "$dumpvars", ...LEVELS.map((name) => `x${SIGNALS[name][0]}`), `s- ${stage}`, "$end", ""].join("\n");
  const bits = (["host", "module"] as const).map((end) => changes(bitsOf(records, end, startNs), SIGNALS[end][0]));
  let piece = "";
  let lastNs = 0;
  for (const { ns, text } of merged([eventsIn(records, startNs), ...bits])) {
    if (ns > lastNs) piece += `#${ns}\n`;
    lastNs = Math.max(ns, lastNs);
    piece += `${text}\n`;
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = "";
  }
  const endNs = (records.at(-1)?.ns ?? 0) - startNs;
  yield endNs > lastNs ? `${piece}#${endNs}\n` : piece;
}

function* changes(levels: Iterable<Level>, id: string): Iterable<Change> {
  for (const { ns, level } of levels) yield { ns, text: `${level}${id}` };
}

function* eventsIn(records: Iterable<TraceRecord>, startNs: number): Iterable<Change> {
  const marks = new Marks();
  let stage = "-";
  const level = (signal: Line | "ready", asserted: boolean): string => `${asserted ? 1 : 0}${SIGNALS[signal][0]}`;
  for (const record of records) {
    const ns = record.ns - startNs;
    if (record.type === "line") yield { ns, text: level(record.line, record.asserted) };
    if (record.type === "ready") yield { ns, text: level("ready", record.asserted) };
    if (record.type !== "begin" && record.type !== "end") continue;
    marks.hear(record);
    const now = words(marks.innermost?.name ?? "-");
    if (now !== stage) yield { ns, text: `s${now} ${SIGNALS.stage[0]}` };
    stage = now;
  }
}

/** A word of the format ends with a blank, and so may `$end` end a comment. */
const words = (text: string): string => text.replace(/[^\x21-\x23\x25-\x7e]+/g, "_") || "_";

/** Of sources that are in order each, what comes first; of what comes together, the first source's. */
function* merged(sources: readonly Iterable<Change>[]): Iterable<Change> {
  const heads = sources.map((source) => {
    const rest = source[Symbol.iterator]();
    return { rest, next: rest.next() };
  });
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads)
      if (!head.next.done && (first === undefined || head.next.value.ns < first.next.value.ns)) first = head;
    if (first === undefined) return;
    yield first.next.value;
    first.next = first.rest.next();
  }
}
