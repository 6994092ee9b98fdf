import { HarnessError } from "../../base/errors.js";
import type { LaneEnd } from "./host.js";

/** Why the dispatcher ended a lane by force. */
export type Killed =
  | { readonly why: "overdue"; readonly timeoutMs: number; readonly graceMs: number }
  | { readonly why: "deaf"; readonly deafMs: number }
  | { readonly why: "garbled" }
  | { readonly why: "stopped" };

/** What a lane's end before its time means. `doing`: what it was about. */
export function lostLane(doing: string, end: LaneEnd, killed: Killed | undefined): HarnessError {
  const details = { exitCode: end.code, signal: end.signal, ...(end.lastWords !== "" && { lastWords: end.lastWords }) };
  switch (killed?.why) {
    case "overdue": {
      const message = `${doing} took longer than ${killed.timeoutMs} ms and did not end within ${killed.graceMs} ms of that: its process was killed`;
      const advice = "A body that never yields cannot be called off: look for a loop without an await.";
      return new HarnessError("CASE_TIMEOUT", message, { details, advice });
    }
    case "deaf": {
      const message = `${doing}: its process answered nothing for ${killed.deafMs} ms and was killed`;
      const advice = "A body that never yields cannot be called off: look for a loop without an await.";
      return new HarnessError("CASE_TIMEOUT", message, { details, advice });
    }
    case "garbled":
      return new HarnessError("SCENARIO_EXITED", `${doing}: something was written into the channel of its process`, {
        details,
        advice: "The file descriptors 3 to 5 of its process are not a scenario's.",
      });
    case "stopped":
      return new HarnessError("ABORTED", `${doing} did not end when it was called off: its process was killed`, {
        details,
      });
    case undefined:
      return endedItself(doing, end, details);
  }
}

function endedItself(
  doing: string,
  { code, signal, lastWords }: LaneEnd,
  details: Record<string, unknown>,
): HarnessError {
  if (signal === null && code !== null && !/out of memory|FATAL ERROR/i.test(lastWords))
    return new HarnessError("SCENARIO_EXITED", `${doing} ended its process with exit code ${code}`, { details });
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  const words = lastWords
    .trim()
    .split("\n")
    .find((line) => /FATAL ERROR|Error/.test(line));
  const said = words === undefined ? "" : `: ${words.trim()}`;
  return new HarnessError("LANE_LOST", `${doing}: its process was ended ${how}${said}`, { details });
}
