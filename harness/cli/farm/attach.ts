import { HarnessError } from "../../base/errors.js";
import { hold } from "../../farm/hold.js";
import { readJournalFile } from "../../farm/journal-file.js";
import { KEYS } from "../../farm/keys.js";
import { Order, parsed, Told } from "../../farm/messages.js";
import { placeOf } from "../run/outputs.js";
import { Past } from "../run/past.js";
import type { Telling } from "../run/reported.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { openRedis, thisOwner } from "./redis.js";
import { writeDown } from "./write-down.js";

/** What `farm attach` was asked for. */
export interface AttachArgs extends Telling {
  readonly run: string;
  readonly redis: string | undefined;
  readonly out?: string | undefined;
  readonly history?: string | undefined;
  readonly baseline?: string | undefined;
  /** Milliseconds. */
  readonly lease: number;
  readonly patience: number;
}

/**
 * Goes on with a run whose clerk has gone, or writes one down that has ended. Its folder may hold the beginning of it.
 *
 * @returns the exit code of the run.
 */
export async function attach(args: AttachArgs, interrupt: Interrupt): Promise<number> {
  await using client = await openRedis(args.redis);
  const order = parsed(Order, await client.get(KEYS.order(args.run)));
  if (order === undefined)
    throw new HarnessError("USAGE", `farm attach ${args.run}: the farm knows no run of that name`, {
      advice: "`st67-hil farm status` shows those that it knows.",
    });
  const [[, [, first]] = ["", []]] = await client.xrange(KEYS.told(order.runId), "-", "+", "COUNT", 1);
  const started = parsed(Told, first);
  if (started?.kind !== "fact" || started.fact.type !== "run.started")
    throw new HarnessError(
      "RUN_UNREADABLE",
      `farm attach ${args.run}: its stream in Redis does not begin with its start`,
    );
  const { simulated = [], rigs, plan = "", shard } = started.fact;
  const { wallTime } = order;
  const place = { ...placeOf({ out: args.out, runId: order.runId, shard }), wallTime };
  refuseOther(place.folder, place.shown, order);
  const self = thisOwner();
  const other = await hold(client, KEYS.clerk(order.runId), self, args.lease);
  if (other !== undefined)
    throw new HarnessError("RIG_BUSY", `farm attach ${args.run}: pid ${other.pid} on ${other.host} writes it down`, {
      advice: `Wait for it; one that was ended elsewhere is replaced ${args.lease / 1000} s later.`,
    });
  const isSimulated = rigs.length > 0 && rigs.every((rig) => simulated.includes(rig));
  const planned = { cases: order.jobs.flatMap(({ cases }) => cases), refused: [], plan, all: 0, firmwares: [] };
  const past = await Past.of({ ...args, rig: [], configs: [], simulated: isSimulated }, place, planned, shard);
  const desk = { client, self, order, simulated: isSimulated, leaseMs: args.lease, patienceMs: args.patience };
  return await writeDown(desk, args, place, past, interrupt);
}

/** @throws HarnessError USAGE for a folder that holds another run. */
function refuseOther(folder: string, shown: string, { runId, wallTime }: Order): void {
  const first = readJournalFile(folder)?.events[0]?.event;
  if (first === undefined || (first.type === "run.started" && first.runId === runId && first.wallTime === wallTime))
    return;
  throw new HarnessError("USAGE", `--out ${shown}: another run is in it`);
}
