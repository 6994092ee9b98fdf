import { medianOf } from "../base/median.js";
import type { StageTime } from "./history.js";

/** What a stage took in one run with one firmware. */
export interface TrendPoint {
  readonly runId: string;
  readonly wallTime: string;
  /** `t01@2.0.106`; missing for cases that program none. */
  readonly firmware?: string;
  readonly sha256?: string;
  readonly medianMs: number;
  /** In so many cases that passed. */
  readonly count: number;
}

/** @param times from the oldest run to the newest. */
export function trendOf(times: readonly StageTime[]): TrendPoint[] {
  const groups = new Map<string, StageTime[]>();
  for (const time of times) {
    const key = JSON.stringify([time.runId, time.sha256, time.profile, time.version]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [time]);
    else group.push(time);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { runId, wallTime, profile, version, sha256 } = first;
    return {
      ...{ runId, wallTime },
      ...(profile !== null && version !== null && { firmware: `${profile}@${version}` }),
      ...(sha256 !== null && { sha256 }),
      medianMs: medianOf(group.map(({ ms }) => ms)),
      count: group.length,
    };
  });
}
