import { type Change, variantOf } from "../firmware/variant.js";
import { planOf } from "../flash/plan.js";
import type { Firmware } from "./scenario.js";

/**
 * A firmware that no package holds: one of the matrix with something changed. Its plan is checked as any: what is wrong with
 * it is refused before a module is touched.
 *
 * @param what behind the label: `t01@2.0.106 unsigned`.
 */
export function changed(firmware: Firmware, what: string, change: Change): Firmware {
  const load = () => variantOf(firmware.load(), change);
  return { ...firmware, label: `${firmware.label} ${what}`, load, plan: () => planOf(load()) };
}
