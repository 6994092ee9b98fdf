import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { enter, type Session, setRate, setUpFlash } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { climb } from "./ladder.js";
import { settle } from "./settle.js";
import { isLinkTrouble } from "./trouble.js";

/**
 * Everything that comes before any operation: ROM, identity, rate, flash; with the recovery ladder where the working
 * rate brings trouble, and the search for a rate with `loadBaud: auto`. Nothing is erased or written.
 *
 * @throws HarnessError NOT_IN_ROM, BOOT_INFO_CORRUPT, WRONG_MODULE; LINK_TOO_SLOW when a binding rate is silent and
 * 500 000 Bd is not; SET_PARA_SILENT when the module answers everything but set-para; what `BootRom.request` throws.
 */
export async function openModule(rig: Rig, deadline: Deadline, observer: Observer = SILENT): Promise<Session> {
  if (rig.loadBaud === "auto") return settle(rig, deadline, observer);
  const entered = await enter(rig, deadline, observer);
  try {
    await setRate(entered, rig.loadBaud, deadline, observer);
    return { ...entered, jedec: await setUpFlash(entered, deadline, observer) };
  } catch (error) {
    if (!isLinkTrouble(error)) throw error;
    return climb(entered, rig.loadBaud, error, deadline, observer);
  }
}
