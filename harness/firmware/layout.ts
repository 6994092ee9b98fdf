import { hexNumber } from "../base/hex.js";
import { type Flaw, flawed } from "./flaw.js";
import type { Range } from "./ini.js";
import type { Place } from "./place.js";

const SECTOR_BYTES = 4096;

interface Lying {
  readonly section: string;
  readonly address: number;
  readonly bytes: Uint8Array;
}

interface Placed extends Omit<Lying, "address"> {
  readonly place: Place;
}

/**
 * Whether files can lie where they are meant to.
 *
 * @throws HarnessError PLAN_INVALID with every conflict.
 */
export function checkLayout(
  ini: string,
  { erase, skip }: { readonly erase: number; readonly skip: readonly Range[] },
  files: readonly Placed[],
): void {
  const flaws = [
    ...eraseFlaws({ erase, skip }),
    ...files.flatMap(({ place }) => place.flaws),
    ...collisions(lyingOf(files)),
    ...files.flatMap(roomFlaws),
  ];
  if (flaws.length > 0) throw flawed("PLAN_INVALID", ini, flaws);
}

function roomFlaws({ section, bytes, place: { address = 0, room } }: Placed): Flaw[] {
  if (room === undefined || bytes.length <= room) return [];
  const expected = `at most ${room} bytes, to the end of its partition`;
  return [{ field: fieldOf(section, address), expected, found: `${bytes.length}` }];
}

/** By ascending address; what nothing places is left out. */
export const lyingOf = (files: readonly Placed[]): Lying[] =>
  files
    .flatMap(({ section, bytes, place: { address } }) => (address === undefined ? [] : [{ section, address, bytes }]))
    .sort((a, b) => a.address - b.address);

/** A chip erase leaves nothing out. */
export const eraseFlaws = ({ erase, skip }: { readonly erase: number; readonly skip: readonly Range[] }): Flaw[] =>
  erase === 2 && skip.length > 0
    ? [
        {
          field: "[cfg] skip_mode",
          expected: "no range with erase = 2, which erases the whole chip",
          found: skip.map(({ address, bytes }) => `${hexNumber(address)}, ${hexNumber(bytes)}`).join("; "),
        },
      ]
    : [];

/** Empty files, and files that lie on each other. `files` come by ascending address. */
export const collisions = (files: readonly Lying[]): Flaw[] =>
  files.flatMap((file, index) => collisionsOf(file, files[index + 1]));

function collisionsOf({ section, address, bytes }: Lying, next: Lying | undefined): Flaw[] {
  const field = fieldOf(section, address);
  const found = `${bytes.length}`;
  const flaws: Flaw[] =
    bytes.length === 0 ? [{ field, expected: "a file with bytes in it", found: "an empty one" }] : [];
  if (next?.address === address)
    flaws.push({ field, expected: "an address of its own", found: `that of [${next.section}]` });
  else if (next !== undefined && address + bytes.length > next.address)
    flaws.push({ field, expected: `at most ${next.address - address} bytes before [${next.section}]`, found });
  return flaws;
}

/** With erase = 1 whole sectors go: what else lies in them, another file or a skipped range, would be lost. */
export function sharedSectors(files: readonly Lying[], skip: readonly Range[]): Flaw[] {
  const kept = skip.map(({ address, bytes }) => ({
    what: `the skipped range at ${hexNumber(address)}`,
    start: address,
    end: address + bytes,
  }));
  const written = files.map(({ section, address, bytes }) => ({
    what: fieldOf(section, address),
    start: address,
    end: address + bytes.length,
  }));
  return written.flatMap((file, index) => {
    const start = Math.floor(file.start / SECTOR_BYTES) * SECTOR_BYTES;
    const end = Math.ceil(file.end / SECTOR_BYTES) * SECTOR_BYTES;
    const splits = kept.filter((range) => touches(range, start, end) && !isWhole(range));
    const shared = written.slice(0, index).filter((other) => other.end <= file.start && other.end > start);
    return [...splits, ...shared].map(({ what }) => ({
      field: file.what,
      expected: `sectors of its own, as erase = 1 takes ${hexNumber(start)} to ${hexNumber(end - 1)}`,
      found: what,
    }));
  });
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const touches = (range: Span, start: number, end: number): boolean => range.start < end && range.end > start;

const isWhole = ({ start, end }: Span): boolean => start % SECTOR_BYTES === 0 && end % SECTOR_BYTES === 0;

const fieldOf = (section: string, address: number): string => `[${section}] at ${hexNumber(address)}`;
