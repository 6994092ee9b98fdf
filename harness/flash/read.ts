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

/** So many are asked for at once: the vendor's figure. */
const READ_BYTES = 2048;

/**
 * Reads `length` bytes of flash from `start`. Some devices clip an answer silently: the rest is asked for once more.
 *
 * @throws HarnessError REPLY_MALFORMED when the module answers with no byte, or with more than were asked for.
 */
export async function readFlash(
  { rom }: Pick<Session, "rom">,
  start: number,
  length: number,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const wanted = Math.min(READ_BYTES, length - at);
    const { data } = await rom.request("flashRead", { address: start + at, length: wanted }, deadline);
    if (data.length === 0 || data.length > wanted) {
      throw new HarnessError(
        "REPLY_MALFORMED",
        `flashRead at ${hexNumber(start + at)}: asked for ${wanted} bytes, got ${data.length}${data.length === 0 ? "" : `: ${hex(data)}`}`,
      );
    }
    out.set(data, at);
    at += data.length;
    observer.progress?.("read", at, length);
  }
  return out;
}
