import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../base/events.js";
import { told } from "../base/files.js";
import type { OfJob } from "./outbox.js";

/** What a rig's journal of a run holds, and where it goes on. */
export interface JournalFile {
  readonly events: readonly {
    readonly event: RunEvent;
    readonly of: OfJob /** Where it ends in the file. */;
    readonly end: number;
  }[];
  /** Of whole lines alone. */
  readonly from: { readonly seq: number; readonly bytes: number };
  /** Deliveries that were begun, and not ended: the agent was ended in the middle of them. */
  readonly open: readonly OfJob[];
}

const NO_JOB: OfJob = { job: 0, delivery: 0 };

/** @returns `undefined` where there is none. What somebody else wrote into it ends it. */
export function readJournalFile(folder: string): JournalFile | undefined {
  const text = told(() => readFileSync(join(folder, "events.jsonl"), "utf8"));
  if (text === undefined) return undefined;
  const events: { event: RunEvent; of: OfJob; end: number }[] = [];
  const open = new Map<string, OfJob>();
  let [of, seq, bytes] = [NO_JOB, 0, 0];
  for (const line of text.split("\n").slice(0, -1)) {
    const event = told(() => JSON.parse(line) as RunEvent);
    if (event === undefined || event.seq !== seq) break;
    if (event.type === "job.begun") of = { job: event.job, delivery: event.delivery };
    bytes += Buffer.byteLength(line) + 1;
    events.push({ event, of, end: bytes });
    if (event.type === "job.begun") open.set(nameOf(of), of);
    if (event.type === "job.ended") open.delete(nameOf(event));
    seq++;
  }
  return { events, from: { seq, bytes }, open: [...open.values()] };
}

const nameOf = ({ job, delivery }: OfJob): string => `${job}.${delivery}`;
