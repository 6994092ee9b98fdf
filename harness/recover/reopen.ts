import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { greetAgain } from "../session/handshake.js";
import { slowDown } from "../session/pace.js";
import { type Session, setUp } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { reachModule } from "./reach.js";
import type { Recovery } from "./rung.js";
import { WAIT_OUT_MS } from "./timing.js";
import { isLinkTrouble } from "./trouble.js";

/** How often a reset is tried: the line that brought the trouble may bring some more. */
const TRIES = 3;

/**
 * A session anew after trouble in mid-work, whatever the module now waits for: by a reset where the rig drives the lines,
 * else by waiting until the ROM gives up on us.
 */
export async function reopen(
  session: Session,
  deadline: Deadline,
  observer: Observer,
  recovery: Recovery,
): Promise<Session> {
  const { rig } = session;
  slowDown(rig);
  for (let attempt = 1; ; attempt++) {
    try {
      return rig.straps === undefined
        ? await waitOut(session, deadline, observer)
        : await reachModule(rig, deadline, observer, recovery);
    } catch (error) {
      const mayPass = isLinkTrouble(error) || (error instanceof HarnessError && error.code === "NOT_IN_ROM");
      if (!mayPass || attempt === TRIES) throw error;
    }
  }
}

async function waitOut(session: Session, deadline: Deadline, observer: Observer): Promise<Session> {
  const { rig } = session;
  await deadline.sleep(WAIT_OUT_MS);
  await greetAgain(rig, deadline);
  return setUp(session, rig.loadBaud === "auto" ? rig.wire.baud : rig.loadBaud, deadline, observer);
}
