import type { Line } from "../../harness/base/wire.js";
import { Marks } from "../../harness/trace/marks.js";
import type { Trace } from "../../harness/trace/read.js";
import type { End, TraceRecord } from "../../harness/trace/record.js";

/** A stretch of the axis, in whole microseconds from the first record on. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A signal with two levels: from each place on it is so. */
interface Level {
  readonly name: string;
  readonly changes: readonly { readonly at: number; readonly high: boolean }[];
}

/** What went over the wire of one case, drawn small enough for a page. */
export interface Waves {
  readonly end: number;
  readonly levels: readonly Level[];
  readonly activity: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly stretches: readonly Stretch[];
  }[];
  readonly stages: readonly (Stretch & { readonly name: string })[];
  /** Each time that CHIP_EN rises, with what is around it: the milliseconds that decide. */
  readonly rises: readonly Stretch[];
  /** Bytes that followed each other closer than this, in µs, are drawn as one, but near a line that was driven. */
  readonly joined: number;
}

const NAMES = { boot: "BOOT", chipEn: "CHIP_EN", power: "power", ready: "SPI_RDY" } as const;
type Signal = Line | "ready";
const SIGNALS = ["power", "chipEn", "boot", "ready"] as const satisfies readonly Signal[];

/** Of each direction so many stretches are drawn far from lines that were driven, and near them. */
const MOST_FAR = 500;
const MOST_NEAR = 300;
const MOST_CHANGES = 400;
const MOST_STAGES = 120;
const MOST_RISES = 6;
const NEAR_US = 400_000;
const FINE_US = 200;
const US_PER_BYTE = 10_000_000;
const FIRST_BAUD = 500_000;

export function wavesOf({ records }: Trace): Waves | undefined {
  const startNs = records[0]?.ns;
  if (startNs === undefined) return undefined;
  const us = (ns: number): number => Math.round((ns - startNs) / 1000);
  const end = Math.max(1, us(records.at(-1)?.ns ?? startNs));
  const levels = SIGNALS.map((signal) => ({ name: NAMES[signal], changes: changesOf(records, signal, us) }));
  const driven = levels
    .filter(({ name }) => name !== NAMES.ready)
    .flatMap(({ changes }) => changes.map(({ at }) => at));
  const ends = (["host", "module"] as const).map((from) => ({ from, all: stretchesOf(records, from, us) }));
  const drawn = ends.map(({ from, all: { stretches, bytes } }) => ({
    ...thinned(stretches, driven),
    name: from === "host" ? "host → module" : "module → host",
    bytes,
  }));
  return {
    end,
    levels: levels.filter(({ changes }) => changes.length > 0),
    activity: drawn.map(({ name, bytes, stretches }) => ({ name, bytes, stretches })),
    stages: stagesOf(records, us).slice(0, MOST_STAGES),
    rises: risesOf(levels, end),
    joined: Math.max(...drawn.map(({ joined }) => joined)),
  };
}

type Us = (ns: number) => number;

function changesOf(records: readonly TraceRecord[], signal: Signal, us: Us): Level["changes"] {
  const changes: { at: number; high: boolean }[] = [];
  for (const record of records) {
    const isIt = record.type === "line" ? record.line === signal : record.type === "ready" && signal === "ready";
    if (!isIt || !("asserted" in record) || changes.at(-1)?.high === record.asserted) continue;
    if (changes.length < MOST_CHANGES) changes.push({ at: us(record.ns), high: record.asserted });
  }
  return changes;
}

/** When bytes were on the line, as far as the rate tells: what the host sent begins, what it received ends, at its time. */
function stretchesOf(records: readonly TraceRecord[], from: End, us: Us): { stretches: Stretch[]; bytes: number } {
  const stretches: Stretch[] = [];
  let baud = FIRST_BAUD;
  let bytes = 0;
  for (const record of records) {
    if (record.type === "baud" && record.baud > 0) baud = record.baud;
    if (record.type !== "bytes" || record.from !== from || record.data.length === 0) continue;
    bytes += record.data.length;
    const long = Math.max(1, Math.round((record.data.length * US_PER_BYTE) / baud));
    const free = stretches.at(-1)?.end ?? 0;
    const begun = Math.max(free, from === "host" ? us(record.ns) : us(record.ns) - long);
    stretches.push({ start: begun, end: begun + long });
  }
  return { stretches, bytes };
}

/** Joins what lies close together, by as little as will do. */
function thinned(all: readonly Stretch[], driven: readonly number[]): { stretches: Stretch[]; joined: number } {
  const sorted = driven.toSorted((a, b) => a - b);
  const isNear = ({ start }: Stretch): boolean => {
    const next = sorted.find((at) => at >= start - NEAR_US);
    return next !== undefined && next <= start + NEAR_US;
  };
  const near = new Set(all.filter(isNear).slice(0, MOST_NEAR));
  for (let gap = FINE_US; ; gap *= 2) {
    const stretches: Stretch[] = [];
    let far = 0;
    for (const each of all) {
      const last = stretches.at(-1);
      const most = near.has(each) ? FINE_US : gap;
      if (last !== undefined && each.start - last.end <= most)
        stretches[stretches.length - 1] = { ...last, end: each.end };
      else {
        stretches.push(each);
        if (!near.has(each)) far++;
      }
    }
    if (far <= MOST_FAR) return { stretches, joined: gap };
  }
}

function stagesOf(records: readonly TraceRecord[], us: Us): Waves["stages"] {
  const marks = new Marks();
  const begun = new Map<string, number>();
  const stages: (Stretch & { name: string })[] = [];
  const ended = (names: readonly { what: string; name: string }[], at: number): void => {
    for (const { what, name } of names) {
      if (what !== "stage") continue;
      stages.push({ name, start: begun.get(name) ?? at, end: at });
    }
  };
  for (const record of records) {
    if (record.type !== "begin" && record.type !== "end") continue;
    const at = us(record.ns);
    ended(marks.hear(record), at);
    if (record.type === "begin" && record.what === "stage") begun.set(record.name, at);
  }
  ended(marks.end(), us(records.at(-1)?.ns ?? 0));
  return stages.sort((a, b) => a.start - b.start);
}

function risesOf(levels: readonly Level[], end: number): Stretch[] {
  const chipEn = levels.find(({ name }) => name === NAMES.chipEn)?.changes ?? [];
  const rises = chipEn.filter(({ high }, index) => high && index > 0).slice(0, MOST_RISES);
  return rises.map(({ at }) => ({ start: Math.max(0, at - 130_000), end: Math.min(end, at + 270_000) }));
}
