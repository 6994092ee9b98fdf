import type { End, TraceRecord } from "./record.js";

/** A level from then on. */
export interface Level {
  readonly ns: number;
  readonly level: 0 | 1;
}

/** A start bit, eight of data, a stop bit. */
const BITS = 10;

/**
 * The levels of one direction of the line, bit by bit, as they must have been: no trace has seen them. What the host sent
 * begins when it was handed to the port, what it received ends when it was read; nothing overlaps.
 *
 * @param startNs where times count from.
 */
export function* bitsOf(records: Iterable<TraceRecord>, from: End, startNs: number): Iterable<Level> {
  let baud = 0;
  let freeNs = 0;
  let level: Level["level"] = 1;
  yield { ns: 0, level };
  for (const record of records) {
    if (record.type === "baud") baud = record.baud;
    if (record.type !== "bytes" || record.from !== from || baud <= 0) continue;
    const bitNs = 1e9 / baud;
    const atNs = record.ns - startNs;
    const beganNs = from === "host" ? atNs : atNs - record.data.length * BITS * bitNs;
    const firstNs = Math.max(freeNs, beganNs);
    for (const [index, byte] of record.data.entries()) {
      const byteNs = firstNs + index * BITS * bitNs;
      // The start bit is 0 and goes first, the stop bit is 1.
      const frame = (byte << 1) | 0x200;
      for (let bit = 0; bit < BITS; bit++) {
        const next = ((frame >> bit) & 1) as Level["level"];
        if (next !== level) yield { ns: Math.round(byteNs + bit * bitNs), level: next };
        level = next;
      }
    }
    freeNs = firstNs + record.data.length * BITS * bitNs;
  }
}
