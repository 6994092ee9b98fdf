import { HarnessError } from "../../base/errors.js";
import type { Retired } from "../../history/history.js";

interface Named {
  readonly rig: string;
  readonly history?: string | undefined;
}

/** @param named how the user called the rig, and the history, for the command in the advice. */
export function retiredError({ rig, runId, wallTime, code, message }: Retired, named: Named): HarnessError {
  const where = named.history === undefined ? "" : ` --history ${named.history}`;
  return new HarnessError("RIG_RETIRED", `${rig}: the run ${runId} of ${wallTime} retired it: ${code}: ${message}`, {
    details: { rig, runId, wallTime, code },
    advice: `Look at the rig: its lines, its wires, its power. Then \`st67-hil rig readmit --rig ${named.rig} --firmware DIR${where}\` tests it and takes it back.`,
  });
}
