import type { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { Session } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { powerCycle } from "../session/strap.js";
import { eraseForSession } from "./erase.js";
import { ErasePatience } from "./erase-patience.js";
import { reachModule } from "./reach.js";
import { programForSession } from "./reference.js";
import {
  climbRungs,
  FIRST_DESTRUCTIVE,
  isOfTheModule,
  LAST_RUNG,
  NO_LADDER,
  type Recovery,
  type Rung,
} from "./rung.js";
import { openThroughBoot2 } from "./through-boot2.js";

/**
 * The upper rungs: 5 power cycle; 6 boot2's ISP window; and, where the flash may be lost and the module itself is at fault,
 * 7 whole-chip erase; 8 full reprogramming of the reference firmware, which must then boot.
 *
 * @throws HarnessError `trouble` when none of them helped.
 */
export async function climbOn(
  rig: Rig,
  trouble: HarnessError,
  deadline: Deadline,
  observer: Observer,
  recovery: Recovery,
): Promise<Session> {
  const top = isOfTheModule(trouble) ? recovery.top : Math.min(recovery.top, FIRST_DESTRUCTIVE - 1);
  const helped = await climbRungs(rungsOf(rig, observer, recovery), top, deadline, observer);
  if (helped === undefined) throw trouble;
  return helped.result;
}

function rungsOf(rig: Rig, observer: Observer, { reference }: Recovery): readonly Rung<Session>[] {
  const driven = rig.straps !== undefined;
  const patience = new ErasePatience();
  return [
    {
      number: 5,
      what: "power cycle",
      work: driven && rig.switchesPower ? (within) => throughPower(rig, within, observer) : undefined,
    },
    {
      number: 6,
      what: "boot2's ISP window",
      work: driven ? (within) => openThroughBoot2(rig, within, observer) : undefined,
    },
    {
      number: FIRST_DESTRUCTIVE,
      what: "whole-chip erase",
      work: (within) => eraseForSession(rig, within, observer, patience),
    },
    {
      number: LAST_RUNG,
      what: "reference firmware",
      work: reference && ((within) => programForSession(rig, reference, within, observer, patience)),
    },
  ];
}

async function throughPower(rig: Rig, deadline: Deadline, observer: Observer): Promise<Session> {
  await powerCycle(rig, deadline);
  return reachModule(rig, deadline, observer, NO_LADDER);
}
