import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { type BootProof, type Expected, proveBoot } from "../flash/prove.js";
import { BANNER_BAUD } from "../session/boot.js";
import { type Observer, SILENT } from "../session/stage.js";
import { strap } from "../session/strap.js";
import { reachModule } from "./reach.js";

/** What counts against the firmware, if it is true. */
const VERDICTS: readonly ErrorCode[] = [
  "BOOT_SILENT",
  "BOOT_REJECTED",
  "BOOT_UNEXPECTED",
  "BOOT_NOT_READY",
  "NCP_NOT_READY",
  "NCP_OUTDATED",
  "NCP_RESET",
  "NCP_STALLED",
  "NCP_STUCK",
  "AT_ERROR",
  "AT_MALFORMED",
  "AT_TIMEOUT",
];

/**
 * As `proveBoot`, but a boot counts against the firmware only if a second one goes wrong in the same way, since nothing
 * protects a banner from a damaged line; and silence only where the line is known to carry the banner's rate.
 *
 * @param lineBaud the rate of a session that went well just before; `undefined`: a boot without any sign of life is
 * followed by one, before it is tried again.
 * @throws HarnessError what `proveBoot` throws; REPLY_MALFORMED when two boots went wrong in different ways; what
 * `reachModule` throws when it is the line or the wiring that is at fault.
 */
export async function bootModule(
  rig: Rig,
  expected: Expected | undefined,
  lineBaud: number | undefined,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<BootProof> {
  const first = await tried(rig, expected, deadline, observer);
  if (!(first instanceof HarnessError)) return first;
  if (first.code === "BOOT_SILENT" || first.code === "BOOT_NOT_READY") {
    const carried = lineBaud ?? (await reachModule(rig, deadline, observer)).rom.wire.baud;
    if (first.code === "BOOT_SILENT" && carried < BANNER_BAUD) {
      if (lineBaud === undefined) await strap(rig, "application", deadline);
      const reason = `no banner was heard, and this link is proven up to ${carried} Bd only; the banner comes at ${BANNER_BAUD} Bd`;
      observer.note?.(`${rig.name}: boot unproven: ${reason}`);
      return { proven: false, reason };
    }
  }
  observer.note?.(`${first.message}; booted once more`, "again");
  const second = await tried(rig, expected, deadline, observer);
  if (!(second instanceof HarnessError)) return second;
  throw isSame(first, second) ? second : bootsDiffer(rig, first, second);
}

async function tried(
  rig: Rig,
  expected: Expected | undefined,
  deadline: Deadline,
  observer: Observer,
): Promise<BootProof | HarnessError> {
  try {
    return await proveBoot(rig, expected, deadline, observer);
  } catch (error) {
    if (error instanceof HarnessError && VERDICTS.includes(error.code)) return error;
    throw error;
  }
}

/** Whether two boots went wrong in the same way. boot2 repeats its log, and no banner turns into it: that needs no look. */
function isSame(one: HarnessError, other: HarnessError): boolean {
  if (one.code !== other.code) return false;
  if (one.code === "BOOT_SILENT") return printedIn(one) === printedIn(other);
  return JSON.stringify(one.details["found"]) === JSON.stringify(other.details["found"]);
}

/** Without what a line that just wakes up adds. */
const printedIn = ({ details }: HarnessError): string => String(details["text"]).replace(/[^ -~]+/g, "");

const bootsDiffer = ({ name }: Rig, first: HarnessError, second: HarnessError): HarnessError =>
  new HarnessError(
    "REPLY_MALFORMED",
    `${name}: it was booted twice, and the two boots differ: ${first.message}; then ${second.message}`,
    {
      cause: second,
      details: { codes: [first.code, second.code], first: first.details, second: second.details },
      advice: `Bytes are damaged on the line at ${BANNER_BAUD} Bd: look at the cable, the ground lead and the adapter.`,
    },
  );
