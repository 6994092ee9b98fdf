import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { Plan } from "../flash/plan.js";
import type { Step } from "../flash/step.js";
import type { Session } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { bootModule } from "./boot.js";
import { eraseForSession } from "./erase.js";
import { ErasePatience } from "./erase-patience.js";
import { Mending } from "./mending.js";
import { programModule } from "./program.js";
import { reachModule } from "./reach.js";
import { mayBeHelped, NO_LADDER, type Reference } from "./rung.js";
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

/**
 * The same in the end, blank flash beyond its files included; but what is there already is left as it is. For who proves
 * nothing by it.
 */
export async function restoreReference(
  rig: Rig,
  { plan, expected }: Reference,
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const patience = new ErasePatience();
  if (await isMended(rig, overBlank(plan), deadline, observer, patience))
    await bootModule(rig, expected, rig.wire.baud, deadline, observer);
  else await programReference(rig, { plan, expected }, deadline, observer, patience);
}

/** A module that brings trouble, or is not reached, may still take a chip erase. */
async function isMended(
  rig: Rig,
  plan: Plan,
  deadline: Deadline,
  observer: Observer,
  patience: ErasePatience,
): Promise<boolean> {
  try {
    const session = await reachModule(rig, deadline, observer, NO_LADDER);
    return (await new Mending(session, plan, deadline, observer, NO_LADDER, patience).run()) === undefined;
  } catch (error) {
    if (!mayBeHelped(error) || deadline.signal.aborted || deadline.remainingMs === 0) throw error;
    observer.note?.(`${rig.name}: ${error.message}; the whole flash is programmed anew`);
    return false;
  }
}

/** The plan as it is carried out over a blank chip, whatever its own erases are; but nothing that it keeps is lost by it. */
const overBlank = (plan: Plan): Plan =>
  plan.keeps.length > 0
    ? plan
    : { ...plan, steps: [{ op: "erase-chip" }, ...plan.steps.filter(({ op }) => !OF_SECTORS.includes(op))] };

const OF_SECTORS: readonly Step["op"][] = ["erase-chip", "erase", "blank-check"];

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
