import type { Redis } from "ioredis";
import { HarnessError } from "../base/errors.js";
import { type Clock, Deadline, SystemClock } from "../base/time.js";
import type { Check } from "../doctor/check.js";
import { connect, type RedisPlace, reach } from "./connection.js";
import { type Answer, type RedisFacts, redisChecks, unreached } from "./redis-checks.js";
import { troubleOf } from "./trouble.js";

/** Longest that all of it may take, in ms. */
const ALL_MS = 5000;
const PINGS = 5;

/** What is done with real time; a test brings its own. */
export interface Times {
  readonly clock: Clock;
  /** What time it is by this machine. */
  wall(): Date;
}

const REAL: Times = { clock: new SystemClock(), wall: () => new Date() };

/**
 * Every check of a farm's server, by INFO, TIME and PING alone: CONFIG is refused by many.
 *
 * @throws the signal's reason, and nothing else: what goes wrong is what was to be found.
 */
export async function examineRedis(place: RedisPlace, signal: AbortSignal, times: Times = REAL): Promise<Check[]> {
  const client = await connect(place, () => undefined);
  const deadline = Deadline.in(ALL_MS, place.shown, times.clock, signal, "REDIS_UNUSABLE");
  try {
    await reach(client, place, ALL_MS, times.clock, signal);
    return redisChecks(await read(client, place, deadline, times));
  } catch (error) {
    if (!(error instanceof HarnessError) || signal.aborted) throw error;
    return unreached(error);
  } finally {
    client.disconnect();
  }
}

async function read(client: Redis, place: RedisPlace, deadline: Deadline, times: Times): Promise<RedisFacts> {
  const ask = async <T>(question: () => Promise<T>): Promise<Answer<T>> => {
    try {
      return { value: await deadline.race(question()) };
    } catch (error) {
      if (deadline.signal.aborted) throw error;
      return { refused: error instanceof HarnessError ? error.message : troubleOf(error, place) };
    }
  };
  const timed = async <T>(question: () => Promise<T>): Promise<{ answer: T; tookMs: number }> => {
    const start = times.clock.now();
    const answer = await question();
    return { answer, tookMs: times.clock.now() - start };
  };
  return {
    shown: place.shown,
    info: await ask(async () => fieldsOf(await client.info())),
    clock: await ask(async () => {
      const { answer, tookMs } = await timed(() => client.time());
      const [seconds = 0, micros = 0] = answer.map(Number);
      return { aheadMs: seconds * 1000 + micros / 1000 - (times.wall().getTime() - tookMs / 2), tookMs };
    }),
    pings: await ask(async () => {
      const took: number[] = [];
      while (took.length < PINGS) took.push((await timed(() => client.ping())).tookMs);
      return took;
    }),
  };
}

/** Lines `name:value`, under headings. */
const fieldsOf = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^([^#:\r\n]+):(.*?)\r?$/gm)].map(([, name = "", value = ""]) => [name, value]));
