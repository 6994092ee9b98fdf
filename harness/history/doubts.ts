import { count } from "../base/count.js";
import { byName, type ChangedCase, isJudged } from "./changes.js";
import type { JudgedRun } from "./judged.js";

/** Why it proves nothing that no change for the worse was found; none: it does. */
export function doubtsOf(before: JudgedRun, now: JudgedRun, changes: readonly ChangedCase[]): string[] {
  const old = byName(before.cases);
  const both = [...byName(now.cases).values()].filter(
    ({ name, verdict }) => isJudged(verdict) && isJudged(old.get(name)?.verdict),
  );
  const missed = changes.filter((each) => each.change === "not run" && isJudged(each.before?.verdict)).length;
  return [
    ...(before.simulated === now.simulated ? [] : ["one was on simulated modules alone, the other was not"]),
    ...(both.length === 0 ? ["no case was judged both times"] : []),
    ...(now.interrupted && missed > 0
      ? [`it was interrupted: ${count(missed, "case")} that had a verdict before did not come to one`]
      : []),
  ];
}
