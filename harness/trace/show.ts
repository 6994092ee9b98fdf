import { oneLine } from "../base/clean.js";
import { hexNumber } from "../base/hex.js";
import type { Exchange } from "./exchanges.js";
import type { Trace } from "./read.js";
import { type Item, timelineOf } from "./timeline.js";
import { addressIn, answeredOf, askedOf, eventText, ms } from "./words.js";

/** A trace for people, line by line. @param gapMs a silence that is longer is told. */
export function* shownLines({ header, records, isCut }: Trace, gapMs: number): Iterable<string> {
  const { rig, simulated, side, harness } = header;
  yield `${oneLine(rig)}, ${simulated ? "a simulated module" : "a module"}; recorded at the ${side}'s end by st67-hil ${harness}`;
  let quietMs = 0;
  for (const item of collapsed(timelineOf(records))) {
    const silentMs = item.atMs - quietMs;
    if (silentMs > gapMs) yield line(quietMs, `… ${ms(silentMs)} of silence`);
    quietMs = Math.max(quietMs, item.endMs);
    yield* textOf(item);
  }
  if (isCut) yield "the trace is cut off here";
}

/** Exchanges of one command in a row, all of them done. */
interface Row {
  readonly atMs: number;
  readonly endMs: number;
  readonly row: readonly Extract<Exchange, { kind: "command" }>[];
}

function* collapsed(items: readonly Item[]): Iterable<Item | Row> {
  let held: Item[] = [];
  const release = (): (Item | Row)[] => {
    const row = held.flatMap(({ exchange }) => (exchange?.kind === "command" ? [exchange] : []));
    const [first, last] = [held[0], held.at(-1)];
    const all = held;
    held = [];
    return row.length > 1 && first && last ? [{ atMs: first.atMs, endMs: last.endMs, row }] : all;
  };
  for (const item of items) {
    const name = plainName(item);
    const before = held[0] && plainName(held[0]);
    if (name === undefined || name !== before) yield* release();
    if (name === undefined) yield item;
    else held.push(item);
  }
  yield* release();
}

/** Of a command that was done, with nothing else to tell, and goes somewhere. */
function plainName({ exchange }: Item): string | undefined {
  if (exchange?.kind !== "command" || exchange.answer.kind !== "ok") return undefined;
  const { pendings, behind, values, name } = exchange;
  return pendings === 0 && behind.length === 0 && addressIn(values) !== undefined ? name : undefined;
}

function* textOf(item: Item | Row): Iterable<string> {
  const { atMs, endMs } = item;
  if ("row" in item) {
    const [first, last] = [item.row[0], item.row.at(-1)].map((each) => addressIn(each?.values) ?? 0);
    const where = `${hexNumber(first ?? 0)}..${hexNumber(last ?? 0)}`;
    yield line(atMs, `${item.row[0]?.name} x${item.row.length}, ${where}: OK (${ms(endMs - atMs)})`);
  } else if (item.event !== undefined) yield line(atMs, eventText(item.event));
  else {
    const { exchange } = item;
    const took = "answer" in exchange && exchange.answer.kind === "silence" ? "" : ` (${ms(exchange.durationMs)})`;
    yield line(atMs, `${askedOf(exchange)}: ${answeredOf(exchange)}${took}`);
    if (exchange.kind !== "boot") return;
    for (const text of exchange.text.split(/[\r\n]+/)) if (text !== "") yield `${" ".repeat(17)}| ${text}`;
  }
}

const line = (atMs: number, text: string): string => `${atMs.toFixed(3).padStart(12)} ms  ${oneLine(text)}`;

/** The same for programs, an object an exchange or an event; nothing is left out, and bytes are hex digits. */
export function* shownObjects({ header, records, isCut }: Trace): Iterable<object> {
  yield { ...header, isCut };
  for (const { atMs, event, exchange } of timelineOf(records)) {
    if (event !== undefined) yield { atMs, ...event };
    else yield plain(exchange);
  }
}

const plain = (exchange: Exchange): object => {
  const { kind, ...rest } = exchange;
  return { type: kind, ...(inHex(rest) as object) };
};

function inHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inHex(each)]));
}
