import type { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { enter, identify, type Session, setRate, setUpFlash } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { answers, isLinkTrouble, setParaSilent } from "./trouble.js";

/** What `loadBaud: auto` tries, the fastest first. */
const RATES = [2_000_000, 1_500_000, 1_000_000, 921_600, 500_000] as const;
/** So many boot infos must come whole: 32 bytes and a CRC each. */
const TEST_EXCHANGES = 8;

/**
 * Finds the fastest rate at which boot info comes whole time after time, and sets up the flash there. Each try starts
 * anew from a reset: a rate that fails leaves the module at a rate that cannot be reached.
 *
 * @throws HarnessError SET_PARA_SILENT when the line is good and set-para is not answered; the slowest rate's trouble.
 */
export async function settle(rig: Rig, deadline: Deadline, observer: Observer): Promise<Session> {
  let trouble: HarnessError | undefined;
  for (const baud of RATES) {
    try {
      return await settleAt(rig, baud, deadline, observer);
    } catch (error) {
      if (!isLinkTrouble(error) || rig.straps === undefined) throw error;
      observer.note?.(`${rig.name}: the link does not carry ${baud} Bd: ${error.message}`);
      trouble = error;
    }
  }
  throw trouble;
}

async function settleAt(rig: Rig, baud: number, deadline: Deadline, observer: Observer): Promise<Session> {
  const entered = await enter(rig, deadline, observer);
  await setRate(entered, baud, deadline, observer);
  for (let exchange = 0; exchange < TEST_EXCHANGES; exchange++) await identify(rig, entered.rom, deadline);
  try {
    const jedec = await setUpFlash(entered, deadline, observer);
    observer.note?.(`${rig.name}: settled on ${rig.wire.baud} Bd`);
    return { ...entered, jedec };
  } catch (error) {
    if (isLinkTrouble(error) && (await answers(entered, deadline))) throw setParaSilent(entered, error);
    throw error;
  }
}
