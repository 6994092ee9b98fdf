import { HarnessError } from "../base/errors.js";
import { hex, hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";

/** @throws HarnessError VERIFY_MISMATCH naming file, address, expected and found. */
export async function compareBytes(
  session: Session,
  { file, address, data }: { readonly file: string; readonly address: number; readonly data: Uint8Array },
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<void> {
  const found = await readFlash(session, address, data.length, deadline, observer);
  const at = data.findIndex((byte, index) => byte !== found[index]);
  if (at < 0) return;
  const [expected, got] = [data, found].map((bytes) => hex(bytes.subarray(at, at + 16)));
  throw new HarnessError(
    "VERIFY_MISMATCH",
    `${file}: at ${hexNumber(address + at)}: expected ${expected}, found ${got}`,
    {
      details: { file, address: address + at, expected, found: got },
    },
  );
}

/** Answers are clipped silently by some devices: each chunk's length is compared. */
const READ_BYTES = 2048;

/**
 * Reads `length` bytes of flash from `start`.
 *
 * @throws HarnessError REPLY_MALFORMED when the module answers with fewer bytes than asked for.
 */
export async function readFlash(
  { rom }: Session,
  start: number,
  length: number,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += READ_BYTES) {
    const wanted = Math.min(READ_BYTES, length - at);
    const { data } = await rom.request("flashRead", { address: start + at, length: wanted }, deadline);
    if (data.length !== wanted) {
      throw new HarnessError(
        "REPLY_MALFORMED",
        `flashRead at ${hexNumber(start + at)}: asked for ${wanted} bytes, got ${data.length}: ${hex(data)}`,
      );
    }
    out.set(data, at);
    observer.progress?.("read", at + wanted, length);
  }
  return out;
}
