import { Deadline } from "../../harness/base/time.js";
import type { Rig } from "../../harness/base/wire.js";
import { type BroughtBack, bringBack } from "../../harness/brick/back.js";
import { type Interrupted, type Interruption, interrupt, type Target } from "../../harness/brick/interrupt.js";
import { planOf } from "../../harness/flash/plan.js";
import type { Recovery } from "../../harness/recover/rung.js";
import { type Observer, SILENT } from "../../harness/session/stage.js";
import { syntheticSet } from "../support/package.js";

/** The newest firmware of a profile, as it is flashed. */
export const targetOf = (profile: "t01" | "t02" | "mfg"): Target => ({
  plan: planOf(syntheticSet(profile)),
  expected: { profile, version: "2.0.106" },
});

/** Longest that one interruption and its cure may take, on the rig's clock: what a case has. */
const CASE_MS = 600_000;

/** A flash that is interrupted, and the way back; the rig is left with the target booted. */
export async function play(
  rig: Rig,
  target: Target,
  by: Interruption,
  recovery: Recovery = { top: 7 },
  observer: Observer = SILENT,
): Promise<{ readonly interrupted: Interrupted; readonly back: BroughtBack }> {
  const deadline = Deadline.in(CASE_MS, "the case", rig.clock, undefined, "CASE_TIMEOUT");
  const interrupted = await interrupt(rig, target, by, deadline, observer);
  const back = await bringBack(interrupted, target, deadline, observer, recovery, () => undefined);
  return { interrupted, back };
}
