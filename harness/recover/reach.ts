import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { slowDown } from "../session/pace.js";
import { enterBeside, type Session, setUp } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { holding } from "../session/strap.js";
import { climb } from "./lower-rungs.js";
import { AT_THE_BENCH, type Recovery } from "./rung.js";
import { settle } from "./settle.js";
import { isLinkTrouble, isRefusal, onceMore } from "./trouble.js";

/**
 * A module in its ROM at the working rate: with the lower rungs of the ladder where that rate brings trouble, and the
 * search for a rate with `loadBaud: auto`. A boot info that comes damaged, and a refusal on the way, count only when they
 * come twice.
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
  return onceMore(rig.name, deadline, observer, () => reachOnce(rig, deadline, observer, recovery), isRefusal);
}

async function reachOnce(rig: Rig, deadline: Deadline, observer: Observer, recovery: Recovery): Promise<Session> {
  const { loadBaud } = rig;
  if (loadBaud === "auto") return settle(rig, deadline, observer);
  return holding(async (hold) => {
    const enter = () => enterBeside(hold, rig, deadline, observer);
    const entered = await onceMore(rig.name, deadline, observer, enter, isLinkTrouble);
    try {
      return await setUp(entered, loadBaud, deadline, observer);
    } catch (error) {
      if (!isLinkTrouble(error)) throw error;
      slowDown(rig);
      await hold.released;
      return climb(entered, loadBaud, error, deadline, observer, recovery);
    }
  });
}
