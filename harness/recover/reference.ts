import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { Session } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { bootModule } from "./boot.js";
import { eraseForSession } from "./erase.js";
import { ErasePatience } from "./erase-patience.js";
import { programModule } from "./program.js";
import { reachModule } from "./reach.js";
import { NO_LADDER, type Reference } from "./rung.js";
import { Touched } from "./touched.js";

/** The whole flash anew with known-good firmware, which must then boot, and is left running. */
export async function programReference(
  rig: Rig,
  { plan, expected }: Reference,
  deadline: Deadline,
  observer: Observer,
  patience = new ErasePatience(),
): Promise<void> {
  const blank = await eraseForSession(rig, deadline, observer, patience);
  await programModule(blank, plan, deadline, observer, NO_LADDER, new Touched(plan), patience);
  await bootModule(rig, expected, rig.wire.baud, deadline, observer);
}

/** The same, for who goes on in the ROM. */
export async function programForSession(
  rig: Rig,
  reference: Reference,
  deadline: Deadline,
  observer: Observer,
  patience: ErasePatience,
): Promise<Session> {
  await programReference(rig, reference, deadline, observer, patience);
  return reachModule(rig, deadline, observer, NO_LADDER);
}
