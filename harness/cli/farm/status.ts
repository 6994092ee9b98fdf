import type { Redis } from "ioredis";
import { z } from "zod";
import { oneLine } from "../../base/clean.js";
import { KEYS, needsQueue, rigQueue } from "../../farm/keys.js";
import { Order, parsed, type RigRecord } from "../../farm/messages.js";
import { Queues } from "../../farm/queues.js";
import { readRigs } from "../../farm/rigs-seen.js";

const Needs = z.array(z.string());

/** What a farm is about. */
export interface FarmStatus {
  readonly rigs: readonly RigRecord[];
  readonly queues: readonly { readonly queue: string; readonly waiting: number }[];
  readonly runs: readonly { readonly run: string; readonly wallTime: string; readonly cases: number }[];
}

/** Reads alone. */
export async function farmStatus(client: Redis): Promise<FarmStatus> {
  await using queues = new Queues(client, 1);
  const rigs = await readRigs(client);
  const needs = (await client.smembers(KEYS.needs)).flatMap((json) => {
    const found = parsed(Needs, json);
    return found === undefined ? [] : [needsQueue(found)];
  });
  const names = [...needs, ...rigs.map(({ rig }) => rigQueue(rig))].sort();
  const waiting = await Promise.all(names.map(async (queue) => ({ queue, waiting: await queues.waiting(queue) })));
  const runs = (await client.smembers(KEYS.runs)).sort();
  const orders = await Promise.all(runs.map(async (run) => parsed(Order, await client.get(KEYS.order(run)))));
  return {
    rigs,
    queues: waiting.filter((each) => each.waiting > 0),
    runs: orders.flatMap((order) =>
      order === undefined
        ? []
        : [{ run: order.runId, wallTime: order.wallTime, cases: order.jobs.flatMap(({ cases }) => cases).length }],
    ),
  };
}

/** A line each: rigs, then what waits, then runs. */
export function* statusLines({ rigs, queues, runs }: FarmStatus): Iterable<string> {
  if (rigs.length === 0) yield "no rig is at work";
  for (const { rig, host, state, busy, reason, since, work, simulated } of rigs) {
    const at = work === undefined ? "" : `, ${work.case ?? `job ${work.job}`} of ${work.run} since ${work.since}`;
    const why = [reason, busy].flatMap((each) => (each === undefined ? [] : ` (${each})`)).join("");
    yield oneLine(`${rig} on ${host}${simulated ? " (simulated)" : ""}: ${state} since ${since}${why}${at}`);
  }
  for (const { queue, waiting } of queues) yield oneLine(`${waiting} waiting for ${decodeURIComponent(queue)}`);
  for (const { run, wallTime, cases } of runs) yield oneLine(`run ${run} since ${wallTime}: ${cases} cases`);
}
