import { Queue } from "bullmq";
import { KEYS, needsQueue, PREFIX, rigQueue } from "../../harness/farm/keys.js";
import { type Delivery, Order, parsed, Told } from "../../harness/farm/messages.js";
import type { Farm } from "./farm.js";

const entriesOf = async (farm: Farm, run: string): Promise<{ told: Told; json: string }[]> =>
  (await farm.client.xrange(KEYS.told(run), "-", "+")).flatMap(([, [, json = ""]]) => {
    const told = parsed(Told, json);
    return told === undefined ? [] : [{ told, json }];
  });

/** Every delivery so far lies in its queue once more, under another id; a few of them for another rig alone. @returns what was done. */
export async function addAgain(farm: Farm, run: string, random: () => number): Promise<string> {
  const order = parsed(Order, await farm.client.get(KEYS.order(run)));
  const queued = (await entriesOf(farm, run)).flatMap(({ told }) => (told.kind === "queued" ? [told] : []));
  for (const { job, delivery, cases } of queued) {
    const of = order?.jobs.find(({ id }) => id === job);
    if (of === undefined) continue;
    const rig = farm.rigs[Math.floor(random() * 2 * farm.rigs.length)];
    const queue = new Queue(rig === undefined ? needsQueue(of.needs) : rigQueue(rig), {
      connection: farm.client,
      prefix: PREFIX,
      skipVersionCheck: true,
    });
    const again: Delivery = {
      ...{ run, job, delivery, conclude: false },
      cases: of.cases.filter(({ as }) => cases.includes(as)).map((one) => ({ ...one, attempt: 1, elsewhere: true })),
    };
    await queue.add("cases", again, { removeOnComplete: true, removeOnFail: true });
    await queue.close();
  }
  return `${queued.length} deliveries once more`;
}

/** What agents have told comes once more, as one does that has lost the answer. */
export async function doubleEvents(farm: Farm, run: string, random: () => number): Promise<string> {
  const events = (await entriesOf(farm, run)).filter(({ told }) => told.kind === "event" || told.kind === "file");
  const some = events.slice(Math.floor(random() * events.length));
  for (const { json } of some) await farm.client.xadd(KEYS.told(run), "*", "told", json);
  return `${some.length} entries once more`;
}
