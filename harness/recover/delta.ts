import type { Deadline } from "../base/time.js";
import type { Plan } from "../flash/plan.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { ErasePatience } from "./erase-patience.js";
import { flashModule } from "./flash.js";
import { type DeltaFacts, Mending } from "./mending.js";
import { AT_THE_BENCH, type Recovery, sparing } from "./rung.js";
import { Touched } from "./touched.js";

/** How a plan came to be on a module. `whole`: why it was carried out itself after all; then all of it was sent. */
export type Delta = DeltaFacts & { readonly whole?: string };

/**
 * As `flashModule`, and the flash is the same afterwards; but what is there already is neither erased nor sent. Where that
 * costs more, cannot be told, or does not hold, the plan itself is carried out, once.
 *
 * @throws HarnessError as `flashModule`.
 */
export async function flashDelta(
  session: Session,
  plan: Plan,
  deadline: Deadline,
  observer: Observer = SILENT,
  allowed: Recovery = AT_THE_BENCH,
): Promise<{ readonly session: Session; readonly delta: Delta }> {
  const patience = new ErasePatience();
  const mending = new Mending(session, plan, deadline, observer, sparing(allowed, plan), patience);
  const whole = await mending.run();
  if (whole === undefined) return { session: mending.session, delta: mending.facts };
  const touched = new Touched(plan);
  if (mending.touched !== undefined) touched.follow(mending.touched);
  const flashed = await flashModule(mending.session, plan, deadline, observer, allowed, touched, patience);
  const sent = plan.steps.reduce((sum, step) => sum + (step.op === "write" ? step.bytes : 0), 0);
  return { session: flashed, delta: { ...mending.facts, sent, skipped: 0, whole } };
}

/** How it came to be there, in words. */
export function tellDelta({ hashed, differing, sent, whole }: Delta): string {
  if (whole !== undefined) return `flashed as a whole: ${whole}`;
  if (differing.length === 0) return `already there: ${hashed} bytes compared, nothing erased or sent`;
  const bytes = differing.reduce((sum, run) => sum + run.bytes, 0);
  return `by what differed: ${bytes} of ${hashed} bytes erased, ${sent} sent`;
}
