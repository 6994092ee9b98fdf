import type { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { enterThroughBoot2 } from "../session/isp.js";
import { identify, type Session, setRate, setUpFlash } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { powerCycle } from "../session/strap.js";
import { eraseForSession } from "./erase.js";
import { DIAGNOSTIC_BAUD } from "./lower-rungs.js";
import { reachModule } from "./reach.js";
import { programReference } from "./reference.js";
import { LAST_RUNG, NO_LADDER, type Recovery, rung } from "./rung.js";

/**
 * The upper rungs: 5 power cycle; 6 boot2's ISP window; and, where the flash may be lost, 7 whole-chip erase; 8 full
 * reprogramming of the reference firmware, which must then boot.
 *
 * @throws HarnessError `trouble` when none of them helped.
 */
export async function climbOn(
  rig: Rig,
  trouble: HarnessError,
  deadline: Deadline,
  observer: Observer,
  { top, reference }: Recovery,
): Promise<Session> {
  const rungs: readonly [string, ((within: Deadline) => Promise<Session>) | undefined][] = [
    ["power cycle", rig.switchesPower && rig.straps !== undefined ? cycled : undefined],
    ["boot2's ISP window", throughBoot2],
    ["whole-chip erase", (within) => eraseForSession(rig, within, observer, NO_LADDER)],
    ["reference firmware", reference && ((within) => programReference(rig, reference, within, observer))],
  ];
  for (const [index, [what, work]] of rungs.entries()) {
    const number = 5 + index;
    if (number > top) break;
    if (work === undefined) {
      observer.rung?.(number, `${what}: this rig has none`, false);
      continue;
    }
    const session = await rung(number, what, deadline, observer, work);
    if (session !== undefined) return session;
  }
  if (top >= LAST_RUNG) observer.recovered?.("bricked", LAST_RUNG);
  throw trouble;

  async function cycled(within: Deadline): Promise<Session> {
    await powerCycle(rig, within);
    return reachModule(rig, within, observer, NO_LADDER);
  }

  async function throughBoot2(within: Deadline): Promise<Session> {
    const rom = await enterThroughBoot2(rig, within);
    const entered = { rig, rom, info: await identify(rig, rom, within) };
    const baud = rig.loadBaud === "auto" ? DIAGNOSTIC_BAUD : rig.loadBaud;
    if (rig.wire.baud !== baud) await setRate(entered, baud, within, observer);
    return { ...entered, jedec: await setUpFlash(entered, within, observer) };
  }
}
