import type { Redis } from "ioredis";
import { KEYS } from "./keys.js";
import type { Told } from "./messages.js";

/** Puts an entry at the end of a run's stream: from then on it has happened. */
export async function tellRun(client: Redis, run: string, told: Told): Promise<void> {
  await client.xadd(KEYS.told(run), "*", "told", JSON.stringify(told));
}
