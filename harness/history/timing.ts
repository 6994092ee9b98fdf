import { ASIDES } from "../base/events.js";
import { randomOf } from "../base/random.js";
import { isTime } from "../stats/arguments.js";
import { changeOf, compareTimes, type StageChange } from "../stats/compare-times.js";
import type { Group } from "../stats/groups.js";
import { byName } from "./changes.js";
import type { Judged } from "./judged.js";

/** Below this nobody cares. */
const RELEVANT = 0.05;

/**
 * Every stage that can be compared, in the order of their names. A case is compared with itself on the same rig: between
 * rigs, adapters would be. Its repetitions count as the same case.
 */
export function timingOf(before: readonly Judged[], now: readonly Judged[]): StageChange[] {
  const [old, young] = [timesOf(before), timesOf(now)];
  const sorted = [...young].sort(([a], [b]) => (a < b ? -1 : 1));
  const stages = sorted.map(([stage, cases]): [string, Group[]] => {
    const was = old.get(stage);
    return [stage, [...cases].map(([key, times]): Group => [was?.get(key) ?? [], times])];
  });
  // The seed is a constant: two runs compared again give the same intervals.
  return compareTimes(new Map(stages), { relevance: RELEVANT, random: randomOf(0, "timing") }).map(withRange);
}

/** By stage, and by case and rig. */
function timesOf(cases: readonly Judged[]): Map<string, Map<string, number[]>> {
  const found = new Map<string, Map<string, number[]>>();
  for (const { name, rig, verdict, stages } of byName(cases).values()) {
    if (verdict !== "passed") continue;
    const key = JSON.stringify([withoutRound(name), rig]);
    for (const [stage, ms] of stages) {
      // Journals come from outside; and a stage that took no time was none.
      if (!isTime(ms)) continue;
      const ofStage = found.get(stage) ?? new Map<string, number[]>();
      const times = ofStage.get(key) ?? [];
      times.push(ms);
      found.set(stage, ofStage.set(key, times));
    }
  }
  return found;
}

/** Repetitions are named ` #2`, ` #3`. */
const withoutRound = (name: string): string => name.replace(/ #\d+$/, "");

/** Of too few times for a proof is told where all ratios point the same way: somebody may want to look. */
function withRange(stage: StageChange): StageChange {
  const { interval, low, high, ratio } = stage;
  if (interval !== "range" || (low <= 1 && high >= 1)) return stage;
  const change = changeOf(ratio, RELEVANT);
  return change === "changed, small" ? stage : { ...stage, change };
}

/** A stage that became slower, and that is no accident. What is done beside a case, with another firmware, judges none. */
export const isRegression = ({ stage, interval, change }: StageChange): boolean =>
  interval === "95 %" && change === "slower" && !ASIDES.some((aside) => stage.startsWith(`${aside}: `));
