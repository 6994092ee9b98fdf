import type { Redis } from "ioredis";
import { KEYS } from "./keys.js";
import type { Delivery } from "./messages.js";

/** Counts who comes for a delivery, while it is the one that counts. */
const CLAIM = `if redis.call("hget", KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call("hincrby", KEYS[1], ARGV[1] .. "." .. ARGV[2], 1)`;

/**
 * Claims a delivery for good: a copy of it may lie in a queue, and a run that has ended has none any more.
 *
 * @returns 1: it is ours; above: somebody was before us; 0: another delivery counts, or none.
 */
export const claimDelivery = async (client: Redis, { run, job, delivery }: Delivery): Promise<number> =>
  Number(await client.eval(CLAIM, 1, KEYS.current(run), String(job), String(delivery)));

/** Whether somebody has claimed it already. */
export const isClaimed = async (client: Redis, { run, job, delivery }: Pick<Delivery, "run" | "job" | "delivery">) =>
  (await client.hexists(KEYS.current(run), `${job}.${delivery}`)) === 1;
