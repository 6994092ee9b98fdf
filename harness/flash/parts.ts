import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { FlashFile, Range } from "../firmware/package.js";

const SECTOR_BYTES = 4096;

/** Where something lies in the flash. */
interface Span {
  readonly address: number;
  readonly bytes: { readonly length: number };
}

/** A run of bytes that is erased, written and verified by itself: a file, or what skipped ranges leave of it. */
export interface Part {
  readonly file: string;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly xz: Uint8Array | undefined;
}

/** The pieces of a file that are left when the skipped ranges are cut out of it. */
export function splitAround({ section, address, bytes, xz }: FlashFile, skip: readonly Range[]): Part[] {
  const whole: Part = { file: section, address, bytes, xz };
  const cuts = skip.filter(
    (range) => range.bytes > 0 && range.address < endOf(whole) && range.address + range.bytes > address,
  );
  if (cuts.length === 0) return [whole];
  const parts: Part[] = [];
  let at = address;
  const keep = (end: number) => {
    if (end > at)
      parts.push({ file: section, address: at, bytes: bytes.subarray(at - address, end - address), xz: undefined });
  };
  for (const cut of [...cuts].sort((a, b) => a.address - b.address)) {
    keep(Math.min(cut.address, endOf(whole)));
    at = Math.max(at, cut.address + cut.bytes);
  }
  keep(endOf(whole));
  return parts;
}

/** What skipped ranges take out of a file. */
export interface LeftOut {
  readonly file: string;
  readonly address: number;
  readonly bytes: number;
}

export const cutOut = (file: FlashFile, skip: readonly Range[]): LeftOut[] =>
  skip.flatMap((range) => {
    const start = Math.max(range.address, file.address);
    const end = Math.min(range.address + range.bytes, endOf(file));
    return end > start ? [{ file: file.section, address: start, bytes: end - start }] : [];
  });

/** An erase takes whole sectors: what else lies in them would be lost. */
export function refuseSharedSectors(parts: readonly Part[], skip: readonly Range[]): void {
  const kept = skip
    .filter(({ bytes }) => bytes > 0)
    .map(({ address, bytes }) => ({ what: "a skipped range", start: address, end: address + bytes }));
  const written = parts.map((part) => ({ what: part.file, start: part.address, end: endOf(part) }));
  for (const [index, part] of written.entries()) {
    const { start, end } = wholeSectors(part.start, part.end);
    const lost = [...kept, ...written.slice(0, index)].find((other) => other.start < end && other.end > start);
    if (lost === undefined) continue;
    throw new HarnessError(
      "PLAN_INVALID",
      `erasing for ${part.what} (${hexNumber(start)} to ${hexNumber(end)}) would also erase ${lost.what} at ${hexNumber(lost.start)}`,
    );
  }
}

export const endOf = ({ address, bytes }: Span): number => address + bytes.length;

/** The whole sectors that the parts touch, as erases; neighbours become one. */
export function sectorsOf(
  parts: readonly Span[],
): { readonly op: "erase"; readonly start: number; readonly end: number }[] {
  const erases: { op: "erase"; start: number; end: number }[] = [];
  for (const part of parts) {
    const { start, end } = wholeSectors(part.address, endOf(part));
    const last = erases.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else erases.push({ op: "erase", start, end });
  }
  return erases;
}

/** What lies in those sectors and in no part: it is lost, and told. */
export function tellLosses(parts: readonly Part[], erases: readonly { start: number; end: number }[]): string[] {
  return erases.flatMap(({ start, end }) => {
    const inside = parts.filter((part) => part.address >= start && endOf(part) <= end);
    const edges = [start, ...inside.flatMap((part) => [part.address, endOf(part)]), end];
    const losses = [];
    for (let at = 0; at < edges.length; at += 2) {
      const [from = 0, to = 0] = edges.slice(at, at + 2);
      if (to > from)
        losses.push(`${hexNumber(from)} to ${hexNumber(to - 1)} is erased with its sector and not written`);
    }
    return losses;
  });
}

const wholeSectors = (start: number, end: number): { start: number; end: number } => ({
  start: Math.floor(start / SECTOR_BYTES) * SECTOR_BYTES,
  end: Math.ceil(end / SECTOR_BYTES) * SECTOR_BYTES,
});
