import { once } from "node:events";
import type { Redis } from "ioredis";
import { HarnessError } from "../base/errors.js";
import { type Clock, Deadline } from "../base/time.js";
import type { RedisPlace } from "./place.js";
import { adviceFor, troubleOf } from "./trouble.js";

export { REDIS_VARIABLE, type RedisPlace, redisPlace } from "./place.js";

/** Longest wait between two tries to reach the server again, in ms. */
const RETRY_MS = 2000;
const FIRST_RETRY_MS = 50;
/** Longest that one try to reach it may take, in ms. */
const CONNECT_MS = 5000;
/**
 * A connection on which an answer is waited for, and nothing came for so long, is given up for a new one, in ms: where a
 * network went away without a word, Linux would go on sending for a quarter of an hour. No blocking command lasts as long.
 */
const SILENT_MS = 30_000;
/** Longest that a server is waited for that does not close its end, in ms: a command would end so much later. */
const DISCONNECT_MS = 200;

const CLOSED = "the server closed the connection";

/**
 * A client that waits for the server as long as that takes, and never throws of itself: whoever asks it gives its question
 * a deadline. What goes wrong with the connection is told to `trouble` without any password, and each once until it stands
 * again. Its owner calls `disconnect()`.
 */
export async function connect(place: RedisPlace, trouble: (message: string) => void): Promise<Redis> {
  const { Redis } = await import("ioredis");
  const client = new Redis({
    ...place.options,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    socketTimeout: SILENT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(times, 8), RETRY_MS),
    disableClientInfo: true,
  });
  const told = new Set<string>();
  const tell = (message: string) => {
    if (!told.has(message)) trouble(message);
    told.add(message);
  };
  let hadError = false;
  client.on("error", (error: Error) => {
    hadError = true;
    forgetArguments(error);
    tell(troubleOf(error, place));
  });
  client.on("connecting", () => {
    hadError = false;
  });
  client.on("ready", () => told.clear());
  client.on("reconnecting", () => {
    if (!hadError) tell(CLOSED);
  });
  return client;
}

/** ioredis puts the command beside what the server said of it, and of AUTH and HELLO that is the password. */
function forgetArguments(error: Error): void {
  if ("command" in error) delete error.command;
}

/**
 * Asks the server for a sign of life, in the database that was named: the first trouble ends it.
 *
 * @throws HarnessError REDIS_UNUSABLE when none came within `ms`; the signal's reason.
 */
export async function reach(
  client: Redis,
  place: RedisPlace,
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Deadline.in(ms, `${place.shown}: an answer to PING`, clock, signal, "REDIS_UNUSABLE");
  const stop = new AbortController();
  const told = (error: unknown) => troubleOf(error, place);
  const trouble = once(client, "close", { signal: stop.signal }).then(() => CLOSED, told);
  const asked = ask(client, place).then(
    (answer) => (answer === "PONG" ? undefined : `the answer ${JSON.stringify(answer)}`),
    told,
  );
  try {
    const came = await deadline.race(Promise.race([asked, trouble]));
    if (came !== undefined) throw unusable(place, came);
  } finally {
    stop.abort();
  }
}

/** ioredis goes on in database 0 where it may not use another one, and says no more than that it had trouble. */
async function ask(client: Redis, { options: { db = 0 } }: RedisPlace): Promise<unknown> {
  if (db !== 0) await client.select(db);
  return client.ping();
}

function unusable({ shown }: RedisPlace, came: string): HarnessError {
  const advice = adviceFor(came);
  const message = `${shown}: expected a Redis that answers PING, got ${came}`;
  return new HarnessError("REDIS_UNUSABLE", message, advice === undefined ? {} : { advice });
}
