import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { enter, type Session, setRate, setUpFlash } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { climb } from "./lower-rungs.js";
import { AT_THE_BENCH, type Recovery } from "./rung.js";
import { settle } from "./settle.js";
import { isLinkTrouble } from "./trouble.js";

/**
 * A module in its ROM at the working rate: with the lower rungs of the ladder where that rate brings trouble, and the
 * search for a rate with `loadBaud: auto`. A refusal on the way is asked about once more: no checksum covers an opcode, so
 * it may be the answer to a command that we never sent.
 *
 * @throws HarnessError NOT_IN_ROM, BOOT_INFO_CORRUPT, WRONG_MODULE; LINK_TOO_SLOW when a binding rate is silent and
 * 500 000 Bd is not; SET_PARA_SILENT when the module answers everything but set-para; what `BootRom.request` throws.
 */
export async function reachModule(
  rig: Rig,
  deadline: Deadline,
  observer: Observer = SILENT,
  recovery: Recovery = AT_THE_BENCH,
): Promise<Session> {
  try {
    return await reachOnce(rig, deadline, observer, recovery);
  } catch (error) {
    if (!(error instanceof HarnessError && error.code === "COMMAND_REFUSED")) throw error;
    observer.note?.(`${rig.name}: ${error.message}; begun again`);
    return reachOnce(rig, deadline, observer, recovery);
  }
}

async function reachOnce(rig: Rig, deadline: Deadline, observer: Observer, recovery: Recovery): Promise<Session> {
  if (rig.loadBaud === "auto") return settle(rig, deadline, observer);
  const entered = await enter(rig, deadline, observer);
  try {
    await setRate(entered, rig.loadBaud, deadline, observer);
    return { ...entered, jedec: await setUpFlash(entered, deadline, observer) };
  } catch (error) {
    if (!isLinkTrouble(error)) throw error;
    return climb(entered, rig.loadBaud, error, deadline, observer, recovery);
  }
}
