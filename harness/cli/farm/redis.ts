import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { SystemClock } from "../../base/time.js";
import { connect, REDIS_VARIABLE, reach, redisPlace } from "../../farm/connection.js";
import { type Owner, pidsHere } from "../../farm/hold.js";
import { tell } from "../terminal/output.js";

/** So long a server may take for its first answer, in ms. */
const REACH_MS = 10_000;

/** This process, as others see it. */
export const thisOwner = (): Owner => ({
  id: randomBytes(8).toString("hex"),
  host: hostname(),
  pids: pidsHere(),
  pid: process.pid,
});

/** A client of the server that was named, which has answered. @throws HarnessError USAGE; REDIS_UNUSABLE. */
export async function openRedis(given: string | undefined): Promise<Redis & AsyncDisposable> {
  const place = redisPlace(given);
  // What this process starts, lanes with other people's code in them, has no use for a password.
  delete process.env[REDIS_VARIABLE];
  const client = await connect(place, (message) => tell(`${place.shown}: ${message}`));
  try {
    await reach(client, place, REACH_MS, new SystemClock());
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.disconnect() });
}
