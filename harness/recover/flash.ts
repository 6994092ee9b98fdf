import type { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Plan } from "../flash/plan.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { eraseForSession } from "./erase.js";
import { ErasePatience } from "./erase-patience.js";
import { programModule } from "./program.js";
import { programForSession } from "./reference.js";
import {
  AT_THE_BENCH,
  climbRungs,
  FIRST_DESTRUCTIVE,
  isOfTheModule,
  LAST_RUNG,
  NO_LADDER,
  type Recovery,
  type Rung,
  sparing,
} from "./rung.js";
import { Touched } from "./touched.js";

/**
 * Programs a plan. Where that fails for good by the module's fault, it climbs the rungs on which the flash is lost, as far
 * as they are allowed: 7, the whole chip is erased and the plan carried out once more; 8, the reference firmware tells
 * whether the module is still good for anything.
 *
 * @returns the session that is open at the end: the plan is on the module.
 * @throws HarnessError what `programModule` throws, with what the module is left with: also when the reference firmware then
 * went in well.
 */
export async function flashModule(
  session: Session,
  plan: Plan,
  deadline: Deadline,
  observer: Observer = SILENT,
  allowed: Recovery = AT_THE_BENCH,
  touched = new Touched(plan),
  patience = new ErasePatience(),
): Promise<Session> {
  const recovery = sparing(allowed, plan);
  try {
    return await programModule(session, plan, deadline, observer, recovery, touched, patience);
  } catch (error) {
    if (recovery.top < FIRST_DESTRUCTIVE || !isOfTheModule(error)) throw touched.tell(error, deadline);
    return renew(session, plan, error, deadline, observer, recovery, touched, patience);
  }
}

async function renew(
  { rig }: Session,
  plan: Plan,
  trouble: HarnessError,
  deadline: Deadline,
  observer: Observer,
  { top, reference }: Recovery,
  touched: Touched,
  patience: ErasePatience,
): Promise<Session> {
  const erase = { op: "erase-chip" } as const;
  const rungs: readonly Rung<Session>[] = [
    {
      number: FIRST_DESTRUCTIVE,
      what: "whole-chip erase, and once more",
      work: async (within) => {
        const blank = await eraseForSession(rig, within, observer, patience);
        touched.begin(erase);
        touched.end(erase);
        return programModule(blank, plan, within, observer, NO_LADDER, touched, patience);
      },
    },
    {
      number: LAST_RUNG,
      what: "reference firmware",
      work:
        reference &&
        ((within) => {
          touched.begin(erase);
          return programForSession(rig, reference, within, observer, patience);
        }),
    },
  ];
  const helped = await climbRungs(rungs, top, deadline, observer).catch((error) => {
    throw touched.tell(error, deadline);
  });
  if (helped === undefined) throw touched.tell(trouble, deadline);
  if (helped.number !== FIRST_DESTRUCTIVE) throw trouble;
  return helped.result;
}
