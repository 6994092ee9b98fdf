import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { enterThroughBoot2 } from "../session/isp.js";
import { identify, type Session, setUp } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { DIAGNOSTIC_BAUD } from "./lower-rungs.js";
import { isLinkTrouble, toldApart } from "./trouble.js";

/**
 * A session without BOOT: through boot2's ISP window, then identity, rate and flash as ever.
 *
 * @throws HarnessError what `enterThroughBoot2`, `identify` and `setUp` throw.
 */
export async function openThroughBoot2(rig: Rig, deadline: Deadline, observer: Observer): Promise<Session> {
  const rom = await enterThroughBoot2(rig, deadline);
  const entered = { rig, rom, info: await identify(rig, rom, deadline) };
  try {
    return await setUp(entered, rig.loadBaud === "auto" ? DIAGNOSTIC_BAUD : rig.loadBaud, deadline, observer);
  } catch (error) {
    throw isLinkTrouble(error) ? await toldApart(entered, error, deadline) : error;
  }
}
