import type { Outcome } from "../base/events.js";
import type { Case } from "./matrix.js";
import type { OnModule } from "./on-module.js";
import { faultOf, outcomeOf } from "./outcome.js";
import type { Bench, Firmware } from "./scenario.js";

type Ends = Pick<Case, "before" | "after">;

/**
 * What the files alone tell, before the module is touched: a firmware that is not to be flashed fails the case that leads
 * to it. One that leads away from it cannot begin, and fails only where no other case says what is wrong.
 *
 * @returns `undefined` where the case may go on.
 */
export function spared(
  { before, after }: Ends,
  { refused }: OnModule,
  signal: AbortSignal,
  isBeforeJudged = true,
): Outcome | undefined {
  const wrong = after && thrownBy(after);
  if (wrong !== undefined) return outcomeOf(wrong.error, signal);
  if (before === undefined || isSame(before, after)) return undefined;
  const unfit = thrownBy(before);
  if (unfit !== undefined && !isBeforeJudged) return outcomeOf(unfit.error, signal);
  const fault = unfit === undefined ? refused.get(before.label) : faultOf(unfit.error);
  return fault && cannotBegin(before, fault);
}

function thrownBy(firmware: Firmware): { readonly error: unknown } | undefined {
  try {
    firmware.plan();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/**
 * Puts on the module what the case begins with, where it is not known to be there: by what differs alone, as no claim is made.
 *
 * @returns how that failed; `undefined`: it is there.
 */
export async function setUp(
  { before }: Ends,
  module: OnModule,
  { step, flash, boot }: Bench,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  if (before === undefined || module.holds(before)) return undefined;
  module.firmware = undefined;
  try {
    await step(`set-up: ${before.label}`, async () => {
      await flash(before, { delta: true });
      await boot(before);
    });
  } catch (error) {
    return outcomeOf(error, signal);
  }
  module.firmware = before;
  return undefined;
}

/** A case begins with what cannot be had: nothing is said of where it leads. */
export const cannotBegin = ({ label }: Firmware, { code, message }: { code: string; message: string }): Outcome => ({
  verdict: "skipped",
  reason: `${label} cannot be put on the module: ${code}: ${(message.split("\n")[0] ?? "").slice(0, REASON_CHARS)}`,
});

/** The case that leads to it tells all of it. */
const REASON_CHARS = 120;

export const isSame = (one: Firmware, other: Firmware | undefined): boolean => one.label === other?.label;
