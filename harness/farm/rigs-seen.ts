import type { Redis } from "ioredis";
import { KEYS } from "./keys.js";
import { type FarmJob, parsed, RigRecord } from "./messages.js";

/** What agents tell of their rigs: those whose lease has ended tell nothing any more. */
export async function readRigs(client: Redis): Promise<RigRecord[]> {
  const names = await client.smembers(KEYS.rigs);
  if (names.length === 0) return [];
  const told = await client.mget(names.map(KEYS.record));
  return told.flatMap((json) => parsed(RigRecord, json) ?? []).sort((a, b) => (a.rig < b.rig ? -1 : 1));
}

/** Whether a rig works, and has what a job needs. One that is looked at for the first time will be known soon. */
export const fits = ({ needs, rig }: FarmJob, record: RigRecord): boolean =>
  record.state !== "failing" &&
  record.busy === undefined &&
  (rig === undefined || rig === record.rig) &&
  needs.every((need) => record.has.includes(need));

/** Why a rig does not take a job. */
export function whyNot({ needs, rig }: FarmJob, record: RigRecord): string {
  const name = record.rig;
  if (rig !== undefined && rig !== name) return `${name} was not asked for`;
  const lacking = needs.filter((need) => !record.has.includes(need));
  if (lacking.length > 0) return `${name} has no ${lacking.join(", no ")}`;
  if (record.busy !== undefined) return record.busy;
  return `${name} is ${record.state}${record.reason === undefined ? "" : `: ${record.reason}`}`;
}
