import { HarnessError } from "../../base/errors.js";
import type { Retired } from "../../history/history.js";

/** @param history that was named, for the command in the advice. */
export function retiredError({ rig, runId, wallTime, code, message }: Retired, history?: string): HarnessError {
  const where = history === undefined ? "" : ` --history ${history}`;
  return new HarnessError("RIG_RETIRED", `${rig}: the run ${runId} of ${wallTime} retired it: ${code}: ${message}`, {
    details: { rig, runId, wallTime, code },
    advice: `Look at the rig: its lines, its wires, its power. Then \`st67-hil rig readmit --rig ${rig} --firmware DIR${where}\` tests it and takes it back.`,
  });
}
