import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { type BootProof, type Expected, proveBoot } from "../flash/prove.js";
import { BANNER_BAUD } from "../session/boot.js";
import { type Observer, SILENT } from "../session/stage.js";
import { strap } from "../session/strap.js";
import { reachModule } from "./reach.js";

/**
 * As `proveBoot`, but silence counts against the firmware only where the line is known to carry the banner's rate.
 *
 * @param lineBaud the rate of a session that went well just before; `undefined`: a silent boot is followed by one.
 * @throws HarnessError what `proveBoot` throws; what `reachModule` throws when it is the line that is silent.
 */
export async function bootModule(
  rig: Rig,
  expected: Expected | undefined,
  lineBaud: number | undefined,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<BootProof> {
  try {
    return await proveBoot(rig, expected, deadline, observer);
  } catch (error) {
    if (!(error instanceof HarnessError && error.code === "BOOT_SILENT")) throw error;
    const carried = lineBaud ?? (await reachModule(rig, deadline, observer)).rom.wire.baud;
    if (carried >= BANNER_BAUD) throw error;
    if (lineBaud === undefined) await strap(rig, "application", deadline);
    const reason = `nothing was heard, and this link is proven up to ${carried} Bd only; the banner comes at ${BANNER_BAUD} Bd`;
    observer.note?.(`${rig.name}: boot unproven: ${reason}`);
    return { proven: false, reason };
  }
}
