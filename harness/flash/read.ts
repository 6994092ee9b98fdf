import { HarnessError } from "../base/errors.js";
import { hex, hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig, Wire } from "../base/wire.js";
import type { BootRom } from "../session/rom.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";

/** So many are asked for at once, unless the rig file says more: the vendor's figure. */
const READ_BYTES = 2048;

/** Devices that do not answer with as much as their rig file says, by their line: how much they answer with. */
const clipped = new WeakMap<Wire, number>();

/**
 * Compares flash with what it must hold. An answer has no checksum: a part that differs is read again.
 *
 * @throws HarnessError VERIFY_MISMATCH naming file, address, expected and found, when a part is wrong in the same way
 * twice; REPLY_MALFORMED when it is wrong in two ways.
 */
export async function compareBytes(
  session: Session,
  { file, address, data }: { readonly file: string; readonly address: number; readonly data: Uint8Array },
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<void> {
  const all = await readFlash(session, address, data.length, deadline, observer);
  for (let start = 0; start < data.length; start += READ_BYTES) {
    const [wanted, first] = [data, all].map((bytes) => Buffer.from(bytes.subarray(start, start + READ_BYTES)));
    if (wanted === undefined || first === undefined || wanted.equals(first)) continue;
    const second = Buffer.from(await readFlash(session, address + start, wanted.length, deadline));
    if (wanted.equals(second)) continue;
    if (!first.equals(second)) throw readTwice(file, address + start, first, second);
    throw mismatch(file, address + start, wanted, first);
  }
}

function mismatch(file: string, start: number, wanted: Uint8Array, found: Uint8Array): HarnessError {
  const { at, shown } = firstDifference(wanted, found);
  const [expected, got] = shown;
  return new HarnessError(
    "VERIFY_MISMATCH",
    `${file}: at ${hexNumber(start + at)}: expected ${expected}, found ${got}`,
    { details: { file, address: start + at, expected, found: got } },
  );
}

function readTwice(file: string, start: number, first: Uint8Array, second: Uint8Array): HarnessError {
  const { at, shown } = firstDifference(first, second);
  return new HarnessError(
    "REPLY_MALFORMED",
    `${file}: ${hexNumber(start + at)} was read twice: ${shown.join(", then ")}`,
    { details: { file, address: start + at, found: shown } },
  );
}

/** Where two parts differ, and 16 bytes of each from there. */
function firstDifference(one: Uint8Array, other: Uint8Array): { at: number; shown: string[] } {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return { at, shown: [one, other].map((bytes) => hex(bytes.subarray(at, at + 16))) };
}

/**
 * Reads `length` bytes of flash from `start`. Some devices clip an answer silently: the rest is asked for once more, and what
 * follows in such pieces. A device that refuses a longer question than the vendor's gets the vendor's from then on.
 *
 * @throws HarnessError REPLY_MALFORMED when the module answers with no byte, or with more than were asked for.
 */
export async function readFlash(
  { rom, rig }: Pick<Session, "rom"> & { readonly rig?: Pick<Rig, "readBytes"> },
  start: number,
  length: number,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const wanted = Math.min(clipped.get(rom.wire) ?? rig?.readBytes ?? READ_BYTES, length - at);
    const data = await ask(rom, start + at, wanted, deadline);
    if (data === undefined) continue;
    if (data.length === 0 || data.length > wanted) {
      throw new HarnessError(
        "REPLY_MALFORMED",
        `flashRead at ${hexNumber(start + at)}: asked for ${wanted} bytes, got ${data.length}${data.length === 0 ? "" : `: ${hex(data)}`}`,
      );
    }
    if (data.length < wanted && wanted > READ_BYTES) clipped.set(rom.wire, Math.max(data.length, READ_BYTES));
    out.set(data, at);
    at += data.length;
    observer.progress?.("read", at, length);
  }
  return out;
}

/**
 * After silence the session is the caller's to begin anew; it then asks for less.
 *
 * @returns `undefined`: it was asked for more than the vendor's hosts ever ask, and refused.
 */
async function ask(rom: BootRom, address: number, length: number, deadline: Deadline): Promise<Uint8Array | undefined> {
  try {
    return (await rom.request("flashRead", { address, length }, deadline)).data;
  } catch (error) {
    if (length <= READ_BYTES || !(error instanceof HarnessError)) throw error;
    clipped.set(rom.wire, READ_BYTES);
    if (error.code === "COMMAND_REFUSED" && deadline.remainingMs > 0) return undefined;
    throw error;
  }
}
