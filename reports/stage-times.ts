import { ASIDES } from "../harness/base/events.js";
import type { Row } from "./row.js";

/** One stage with one firmware: how long it took, each time, in milliseconds. */
export interface StageTimes {
  readonly stage: string;
  /** Of the firmware that the case ends with; empty where it programs none. */
  readonly profile: string;
  readonly version: string;
  readonly times: readonly number[];
}

/**
 * Ordered by stage, profile and version: numbers are all that is held of the rows. Without what was done beside a case.
 *
 * @param told how a text is shown: what looks alike is one.
 */
export function stageTimesOf(rows: Iterable<Row>, told: (text: string) => string): StageTimes[] {
  const groups = new Map<string, { stage: string; profile: string; version: string; times: number[] }>();
  for (const { stages, properties } of rows) {
    const [profile, version] = [told(properties["fw.profile"] ?? ""), told(properties["fw.version"] ?? "")];
    for (const { stage: name, ms } of stages) {
      if (ASIDES.some((aside) => name.startsWith(`${aside}: `))) continue;
      const stage = told(name);
      const key = JSON.stringify([stage, profile, version]);
      const group = groups.get(key) ?? { stage, profile, version, times: [] };
      groups.set(key, group);
      group.times.push(Math.max(0, ms));
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
