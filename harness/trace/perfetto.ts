import { jsonOf } from "../base/clean.js";
import type { Exchange } from "./exchanges.js";
import { Marks, type OpenMark } from "./marks.js";
import type { Trace } from "./read.js";
import type { TraceRecord } from "./record.js";
import { type Event, timelineOf } from "./timeline.js";
import { answeredOf, askedOf, eventText } from "./words.js";

/** Bytes are counted over so long. */
const WINDOW_MS = 100;
/** Cases, steps, stages and commands lie in each other on one track. */
const TRACK = { pid: 1, tid: 1 } as const;

/** A trace as Chrome trace events (JSON), an event a line: for ui.perfetto.dev and chrome://tracing. Times are µs. */
export function* perfettoOf({ header, records, isCut }: Trace): Iterable<string> {
  yield `{"displayTimeUnit":"ms","otherData":${jsonOf({ ...header, isCut })},"traceEvents":[\n`;
  yield jsonOf({ name: "process_name", ph: "M", ...TRACK, args: { name: header.rig } });
  for (const event of [...slices(records), ...throughput(records)]) yield `,\n${jsonOf(event)}`;
  yield "\n]}\n";
}

function* slices(records: readonly TraceRecord[]): Iterable<object> {
  const items = timelineOf(records);
  const marks = new Marks();
  const begun = new Map<string, number[]>();
  let lastMs = 0;
  const ended = (all: readonly OpenMark[], atMs: number): object[] =>
    all.map(({ what, name }) => {
      const startMs = begun.get(`${what} ${name}`)?.pop() ?? atMs;
      return { name, cat: what, ph: "X", ts: us(startMs), dur: us(atMs - startMs), ...TRACK };
    });
  for (const { atMs, endMs, event, exchange } of items) {
    lastMs = Math.max(lastMs, endMs);
    if (exchange !== undefined) yield sliceOf(exchange);
    else if (event.type === "begin" || event.type === "end") {
      yield* ended(marks.hear(event), atMs);
      const key = `${event.what} ${event.name}`;
      if (event.type === "begin") begun.set(key, [...(begun.get(key) ?? []), atMs]);
    } else yield* pointOf(event, atMs);
  }
  yield* ended(marks.end(), lastMs);
}

const sliceOf = (exchange: Exchange): object => {
  const { kind, atMs, durationMs, baud } = exchange;
  const name = kind === "command" ? exchange.name : kind;
  const args = { asked: askedOf(exchange), answered: answeredOf(exchange), baud };
  return { name, cat: "exchange", ph: "X", ts: us(atMs), dur: us(durationMs), ...TRACK, args };
};

function* pointOf(event: Event, atMs: number): Iterable<object> {
  const place = { ts: us(atMs), ...TRACK };
  if (event.type === "line") yield { name: event.line, ph: "C", ...place, args: { level: event.asserted ? 1 : 0 } };
  else if (event.type === "ready") yield { name: "ready", ph: "C", ...place, args: { level: event.asserted ? 1 : 0 } };
  else if (event.type !== "closed") yield { name: eventText(event), cat: event.type, ph: "i", s: "t", ...place };
}

/** Bytes a second of both directions, one value for each window in which something went over the wire or stopped. */
function* throughput(records: readonly TraceRecord[]): Iterable<object> {
  const startNs = records[0]?.ns ?? 0;
  const windows = new Map<number, { host: number; module: number }>();
  for (const record of records) {
    if (record.type !== "bytes") continue;
    const window = Math.floor((record.ns - startNs) / 1e6 / WINDOW_MS);
    const sum = windows.get(window) ?? { host: 0, module: 0 };
    sum[record.from] += record.data.length;
    windows.set(window, sum);
    if (!windows.has(window + 1)) windows.set(window + 1, { host: 0, module: 0 });
  }
  const perSecond = (bytes: number): number => (bytes * 1000) / WINDOW_MS;
  for (const [window, { host, module }] of [...windows].sort(([a], [b]) => a - b)) {
    const args = { host: perSecond(host), module: perSecond(module) };
    yield { name: "throughput, bytes/s", ph: "C", ts: us(window * WINDOW_MS), ...TRACK, args };
  }
}

const us = (ms: number): number => Math.round(ms * 1_000_000) / 1000;
