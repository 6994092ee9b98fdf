import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { Plan } from "../flash/plan.js";
import { bootModule } from "../recover/boot.js";
import { flashModule } from "../recover/flash.js";
import { climb } from "../recover/lower-rungs.js";
import { openModule } from "../recover/open.js";
import { FIRST_DESTRUCTIVE, isOfTheModule, mayBeHelped, type Recovery } from "../recover/rung.js";
import { climbOn } from "../recover/upper-rungs.js";
import type { Session } from "../session/session.js";
import type { Observer, Recovered } from "../session/stage.js";
import { type Interrupted, loadBaudOf, type Target } from "./interrupt.js";
import { LadderLog } from "./ladder.js";
import { type LeftFile, leftOf } from "./left.js";

/** How a module came back. */
export interface BroughtBack {
  readonly state: "ok" | Recovered;
  /** That gave a session again; 0: none was needed. */
  readonly rung: number;
  /** What the interruption had left in the flash; empty where the flash did not tell. */
  readonly left: readonly LeftFile[];
}

/**
 * Brings an interrupted module back: a session by the recovery ladder, from where the attempt stands; what is left in the
 * flash; the same flash once more, with the ladder; a boot that proves it.
 *
 * @param saw what is left, as soon as it is known.
 * @throws HarnessError MODULE_BRICKED when no rung helped and all were allowed; else the trouble that stayed.
 */
export async function bringBack(
  interrupted: Interrupted,
  { plan, expected }: Target,
  deadline: Deadline,
  observer: Observer,
  recovery: Recovery,
  saw: (left: readonly LeftFile[]) => void,
): Promise<BroughtBack> {
  const { rig } = interrupted;
  const log = new LadderLog(observer);
  const session = await reopened(interrupted, log, deadline, recovery);
  const { state = "ok", rung = 0 } = log.last ?? {};
  const left = await lookedAt(session, plan, deadline, log.observer);
  if (rung >= FIRST_DESTRUCTIVE) observer.note?.(`${rig.name}: rung ${rung} has erased what the interruption left`);
  saw(left);
  try {
    const flashed = await flashModule(session, plan, deadline, log.observer, recovery);
    await bootModule(rig, expected, flashed.rig.wire.baud, deadline, log.observer);
  } catch (error) {
    const isLost = recovery.top >= FIRST_DESTRUCTIVE && log.isLost && isOfTheModule(error);
    throw isLost ? log.bricked(rig, interrupted, error) : error;
  }
  return { state, rung, left };
}

/** A session, from where the attempt stands: the lowest rung first. */
async function reopened(
  interrupted: Interrupted,
  log: LadderLog,
  deadline: Deadline,
  recovery: Recovery,
): Promise<Session> {
  const { rig, entered, session, ended } = interrupted;
  if (session !== undefined) return session;
  const { observer } = log;
  try {
    if (!(ended instanceof HarnessError) || entered === undefined)
      return await openModule(rig, deadline, observer, recovery);
    return await climb(entered, loadBaudOf(rig), ended, deadline, observer, recovery).catch((error) =>
      climbFurther(rig, error, deadline, observer, recovery),
    );
  } catch (error) {
    if (recovery.top < FIRST_DESTRUCTIVE || !isForMore(error)) throw error;
    throw log.bricked(rig, interrupted, error);
  }
}

/** The line has just carried half a flash: what no lower rung helped is the module's own trouble, whatever it looks like. */
async function climbFurther(
  rig: Rig,
  trouble: unknown,
  deadline: Deadline,
  observer: Observer,
  recovery: Recovery,
): Promise<Session> {
  if (!isForMore(trouble)) throw trouble;
  const own = new HarnessError("MODULE_BRICKED", trouble.message, { cause: trouble });
  try {
    return await climbOn(rig, own, deadline, observer, recovery);
  } catch (error) {
    throw error === own ? trouble : error;
  }
}

/** A line that is too slow was found out, and no rung makes it faster. */
const isForMore = (error: unknown): error is HarnessError => mayBeHelped(error) && error.code !== "LINK_TOO_SLOW";

/** It is evidence alone: a flash that does not tell is told, and flashed all the same. */
async function lookedAt(session: Session, plan: Plan, deadline: Deadline, observer: Observer): Promise<LeftFile[]> {
  try {
    return await leftOf(session, plan, deadline);
  } catch (error) {
    if (deadline.signal.aborted || deadline.remainingMs === 0 || !mayBeHelped(error)) throw error;
    observer.note?.(`${session.rig.name}: what is left in the flash cannot be told: ${error.message}`);
    return [];
  }
}
