import { HarnessError } from "../base/errors.js";
import type { Plan } from "../flash/plan.js";
import type { Firmware } from "./scenario.js";

/** The newest of each profile. @param firmwares ordered by profile, then version, as a matrix has them. */
export const newestOf = (firmwares: readonly Firmware[]): Firmware[] =>
  firmwares.filter(({ profile }, index) => firmwares[index + 1]?.profile !== profile);

/** The plan of a firmware, for who only lists cases: `undefined` where it has none, which a case of it must say. */
export function plannedOf(firmware: Firmware): Plan | undefined {
  try {
    return firmware.plan();
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}
