import type { TraceRecord } from "../../harness/trace/record.js";

/** A part of a trace: what the line was busy with at the least, and how long it lasted. */
export interface LineUse {
  readonly tookMs: number;
  /** Every byte that was sent, either way, one after the other, with its start and stop bit at the rate of that moment. */
  readonly floorMs: number;
  readonly bytes: number;
}

/**
 * From the first byte of the first record that `begins`, to the last byte that the module says before `ends`. A record of
 * the host is of when its bytes were handed to the port, one of the module of when they were read.
 */
export function lineUse(
  records: readonly TraceRecord[],
  begins: (record: TraceRecord) => boolean,
  ends: (record: TraceRecord) => boolean,
): LineUse {
  const first = records.findIndex(begins);
  const end = records.findLastIndex(ends);
  let baud = records.slice(0, first).findLast((record) => record.type === "baud")?.baud ?? Number.NaN;
  const found = { floorMs: 0, bytes: 0, lastNs: Number.NaN };
  for (const record of records.slice(first, end)) {
    if (record.type === "baud") baud = record.baud;
    if (record.type !== "bytes") continue;
    found.floorMs += (record.data.length * 10_000) / baud;
    found.bytes += record.data.length;
    if (record.from === "module") found.lastNs = record.ns;
  }
  const { floorMs, bytes, lastNs } = found;
  return { tookMs: (lastNs - (records[first]?.ns ?? Number.NaN)) / 1e6, floorMs, bytes };
}

const SYNC_BYTE = 0x55;
const FLASH_READ = 0x32;

const isOfHost = (record: TraceRecord): record is Extract<TraceRecord, { type: "bytes" }> =>
  record.type === "bytes" && record.from === "host";

/** From the first byte of the burst to the last answer of the last verify: all that flashes, and no boot. */
export const flashUse = (records: readonly TraceRecord[]): LineUse =>
  lineUse(
    records,
    (record) => isOfHost(record) && record.data.every((byte) => byte === SYNC_BYTE),
    (record) => record.type === "end" && record.what === "stage" && record.name.startsWith("verify"),
  );

/** From the first read to the answer of the last one. */
export function readUse(records: readonly TraceRecord[]): LineUse {
  const isRead = (record: TraceRecord) => isOfHost(record) && record.data[0] === FLASH_READ;
  const last = records.findLastIndex(isRead);
  const next = records.find((record, index) => index > last && isOfHost(record)) ?? records.at(-1);
  return lineUse(records, isRead, (record) => record === next);
}
