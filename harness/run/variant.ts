import { inspect } from "node:util";
import { HarnessError } from "../base/errors.js";
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
  const { erase, image } = change;
  if (erase !== undefined && ![0, 1, 2].includes(erase)) throw expected("erase", "0, 1 or 2", erase);
  const checked: Change = {
    ...(erase !== undefined && { erase }),
    image: (before) => {
      const bytes = image?.(before);
      if (bytes === undefined || bytes instanceof Uint8Array) return bytes;
      throw expected(`image, for ${before.name}`, "bytes", bytes);
    },
  };
  const load = () => variantOf(firmware.load(), checked);
  return { ...firmware, label: `${firmware.label} ${what}`, load, plan: () => planOf(load()) };
}

/** No compiler stands between a scenario file and us. */
const expected = (field: string, wanted: string, got: unknown): HarnessError =>
  new HarnessError("SCENARIO_INVALID", `changed: ${field}: expected ${wanted}, got ${inspect(got, { depth: 0 })}`);
