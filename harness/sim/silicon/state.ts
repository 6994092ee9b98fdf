import { statSync } from "node:fs";
import { crc32 } from "node:zlib";
import { HarnessError } from "../../base/errors.js";
import { writeWhole } from "../../base/files.js";
import { readIfThere } from "../../base/read-file.js";
import { view } from "../../protocol/fields.js";
import { norBytes, type SimOptions } from "../options.js";
import { factoryContents } from "./factory.js";
import { FUSE_BYTES, Fuses } from "./fuses.js";
import { Nor, type Wear } from "./nor.js";
import { SECTOR_BYTES } from "./pages.js";

/** What a module keeps without power. */
export interface Silicon {
  readonly nor: Nor;
  readonly fuses: Fuses;
}

const MAGIC = Buffer.from("ST67SIM\n", "latin1");
const VERSION = 1;
const VERSION_AT = 8;
const NOR_BYTES_AT = 12;
const FUSES_AT = 16;
const WEAR_AT = FUSES_AT + FUSE_BYTES;
const CRC_BYTES = 4;

/** Magic, version, flash size, fuses, erases and programs of each sector, CRC32 of the whole file before it. */
const trailerBytes = (norBytes: number): number => WEAR_AT + 2 * 4 * (norBytes / SECTOR_BYTES) + CRC_BYTES;

/**
 * The module that `options` name: out of its state file, or new where there is none yet.
 *
 * @throws HarnessError SIM_STATE_INVALID for a state file of another size, of another kind or a damaged one;
 * FILE_UNREADABLE; RIG_INVALID for contents that are larger than the flash.
 */
export function openSilicon(options: SimOptions): Silicon {
  const bytes = norBytes(options);
  const kept = options.state === undefined ? undefined : readIfThere(options.state, "a module's state");
  if (kept !== undefined) return decodeState(kept, bytes, options);
  return { nor: new Nor(contentsOf(options.contents, bytes), undefined, options.quirks), fuses: Fuses.ofNew(options) };
}

function contentsOf(contents: string, bytes: number): Uint8Array {
  const cells = new Uint8Array(bytes).fill(0xff);
  if (contents === "blank") return cells;
  if (contents === "factory") {
    for (const part of factoryContents()) cells.set(part.bytes, part.address);
    return cells;
  }
  const file = readIfThere(contents, "the contents of a flash");
  if (file === undefined)
    throw new HarnessError(
      "FILE_UNREADABLE",
      `sim.contents: ${contents}: expected factory, blank or a file, found none`,
    );
  if (file.length > bytes)
    throw new HarnessError(
      "RIG_INVALID",
      `sim.contents: ${contents}: expected at most ${bytes} bytes, got ${file.length}`,
    );
  cells.set(file);
  return cells;
}

/** The flash first, so that a state file starts with exactly its bytes. Equal modules are equal files. */
function encodeState({ nor, fuses }: Silicon): Uint8Array {
  const norBytes = nor.bytes.length;
  const out = new Uint8Array(norBytes + trailerBytes(norBytes));
  const trailer = out.subarray(norBytes);
  const words = view(trailer);
  out.set(nor.bytes);
  trailer.set(MAGIC);
  words.setUint32(VERSION_AT, VERSION, true);
  words.setUint32(NOR_BYTES_AT, norBytes, true);
  trailer.set(fuses.bytes, FUSES_AT);
  [...nor.wear.erases, ...nor.wear.programs].forEach((count, index) => {
    words.setUint32(WEAR_AT + 4 * index, count, true);
  });
  const crcAt = trailer.length - CRC_BYTES;
  words.setUint32(crcAt, crc32(out.subarray(0, norBytes + crcAt)), true);
  return out;
}

function decodeState(file: Uint8Array, norBytes: number, { state: name, quirks }: SimOptions): Silicon {
  const invalid = (problem: string) => new HarnessError("SIM_STATE_INVALID", `${name}: ${problem}`);
  const expected = norBytes + trailerBytes(norBytes);
  if (file.length !== expected) throw invalid(`expected a module's state of ${expected} bytes, got ${file.length}`);
  const trailer = file.subarray(norBytes);
  const words = view(trailer);
  if (!MAGIC.equals(trailer.subarray(0, MAGIC.length))) throw invalid("not a simulated module's state");
  const version = words.getUint32(VERSION_AT, true);
  if (version !== VERSION) throw invalid(`expected format ${VERSION}, got ${version}`);
  const crcAt = trailer.length - CRC_BYTES;
  if (words.getUint32(crcAt, true) !== crc32(file.subarray(0, norBytes + crcAt)))
    throw invalid("damaged: its CRC32 is wrong");
  const sectors = norBytes / SECTOR_BYTES;
  const counters = (index: number) =>
    Uint32Array.from({ length: sectors }, (_, sector) =>
      words.getUint32(WEAR_AT + 4 * (index * sectors + sector), true),
    );
  const wear: Wear = { erases: counters(0), programs: counters(1) };
  const fuses = new Fuses(trailer.slice(FUSES_AT, FUSES_AT + FUSE_BYTES));
  return { nor: new Nor(file.slice(0, norBytes), wear, quirks), fuses };
}

/** Replaces `file` in one step: whoever reads it finds the old module or the new one. @throws HarnessError FILE_UNWRITABLE. */
export const saveState = (file: string, silicon: Silicon): void => writeWhole(file, encodeState(silicon));

/** Tells whether somebody else has written a state file: every writing makes it another file. `undefined`: there is none. */
export function stampOf(file: string | undefined): string | undefined {
  const found = file === undefined ? undefined : statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino} ${found.mtimeNs}`;
}
