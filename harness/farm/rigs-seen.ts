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

/** Whether a rig of this name may have a job, as whoever began the run has it. */
export const mayHave = ({ rig, among = rig === undefined ? undefined : [rig] }: FarmJob, name: string): boolean =>
  among === undefined || among.includes(name);

/** Whether a rig works, and has what a job needs. One that is looked at for the first time will be known soon. */
export const fits = (job: FarmJob, record: RigRecord): boolean => couldDo(job, record) && record.busy === undefined;

/** Whether it would, but for somebody who uses it at the moment. */
export const couldDo = (job: FarmJob, record: RigRecord): boolean =>
  record.state !== "failing" && mayHave(job, record.rig) && lackingOf(job, record).length === 0;

const lackingOf = ({ needs }: FarmJob, { has }: RigRecord): string[] => needs.filter((need) => !has.includes(need));

interface Nobody {
  readonly reason: string;
  /** Some rig should have done it; none: the rigs that there are have not what it needs, as on one bench. */
  readonly code?: "AGENT_LOST" | "RIG_BUSY";
}

/** Why no rig takes a job, of `rigs` that work. @param gone those that did, as they were: one of them may be what it needs. */
export function whyNobody(job: FarmJob, rigs: readonly RigRecord[], gone: readonly RigRecord[]): Nobody {
  const { rig, among = [] } = job;
  const asked = rigs.filter((each) => mayHave(job, each.rig));
  if (asked.length === 0) {
    const whose = among.length > 1 ? `none of ${among.join(", ")} works` : `${rig} does not work`;
    return { reason: rig === undefined ? "no rig of the farm works" : whose, code: "AGENT_LOST" };
  }
  const reason = asked.map((each) => whyNot(job, each)).join("; ");
  const able = asked.filter((each) => lackingOf(job, each).length === 0);
  const lost = gone.filter((each) => mayHave(job, each.rig) && lackingOf(job, each).length === 0);
  if (able.length === 0 && lost.length > 0) {
    const left = lost.map((each) => `${each.rig}, which could, does not work any more`);
    return { reason: [reason, ...left].join("; "), code: "AGENT_LOST" };
  }
  if (able.length === 0) return { reason };
  return { reason, code: able.some(({ busy }) => busy !== undefined) ? "RIG_BUSY" : "AGENT_LOST" };
}

function whyNot(job: FarmJob, record: RigRecord): string {
  const { rig, busy, state, reason } = record;
  const lacking = lackingOf(job, record);
  if (lacking.length > 0) return `${rig} has no ${lacking.join(", no ")}`;
  return busy ?? `${rig} is ${state}${reason === undefined ? "" : `: ${reason}`}`;
}
