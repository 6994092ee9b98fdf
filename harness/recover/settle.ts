import type { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { JedecId } from "../protocol/flash.js";
import { type Entered, enter, identify, type Session, setRate, setUpFlash } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { isLinkTrouble, onceMore, toldApart } from "./trouble.js";

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
  const entered = await onceMore(rig.name, deadline, observer, () => enter(rig, deadline, observer), isLinkTrouble);
  await setRate(entered, baud, deadline, observer);
  for (let exchange = 0; exchange < TEST_EXCHANGES; exchange++) await identify(rig, entered.rom, deadline);
  const jedec = await secondTry(entered, deadline, observer);
  observer.note?.(`${rig.name}: settled on ${rig.wire.baud} Bd`);
  return { ...entered, jedec };
}

/** Boot info has just come whole eight times: what is silent twice now is not the line. */
async function secondTry(entered: Entered, deadline: Deadline, observer: Observer): Promise<JedecId> {
  const setUpAgain = () => setUpFlash(entered, deadline, observer);
  try {
    return await onceMore(entered.rig.name, deadline, observer, setUpAgain, isLinkTrouble);
  } catch (error) {
    throw isLinkTrouble(error) ? await toldApart(entered, error, deadline) : error;
  }
}
