import { placedExchanges } from "./conversation.js";
import type { Exchange } from "./exchanges.js";
import type { TraceRecord } from "./record.js";

/** What is no bytes: lines, rates, marks, notes. */
export type Event = Exclude<TraceRecord, { type: "bytes" }>;

/** What happened, in its order, with times since the first record. */
export type Item =
  | { readonly atMs: number; readonly endMs: number; readonly exchange: Exchange; readonly event?: never }
  | { readonly atMs: number; readonly endMs: number; readonly event: Event; readonly exchange?: never };

/** Exchanges, and all that lies between them. */
export function timelineOf(records: readonly TraceRecord[]): Item[] {
  const startNs = records[0]?.ns ?? 0;
  const placed = placedExchanges(records);
  const items: Item[] = [];
  let next = 0;
  for (const [index, record] of records.entries()) {
    if (record.type !== "bytes") {
      const atMs = (record.ns - startNs) / 1e6;
      items.push({ atMs, endMs: atMs, event: record });
    }
    for (let each = placed[next]; each?.index === index; each = placed[++next]) {
      const { exchange } = each;
      items.push({ atMs: exchange.atMs, endMs: exchange.atMs + exchange.durationMs, exchange });
    }
  }
  return items;
}
