import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { SystemClock } from "../../harness/base/time.js";
import { connect, type RedisPlace, reach } from "../../harness/farm/connection.js";
import { scratch } from "../support/scratch.js";
import { testWithRedis } from "../support/with-redis.js";

const SECRET = "hunter2-hunter2";
const MS = 5000;
const clock = new SystemClock();

/** Not everywhere. */
const SERVER_PROGRAM = "redis-server";

/** A client, gone at the end of the test. */
async function client(place: RedisPlace, told: string[] = []): Promise<Redis & Disposable> {
  const redis = await connect(place, (message) => told.push(message));
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() });
}

/** A real server on a socket in `dir`. */
async function started(dir: string, args: readonly string[] = []): Promise<AsyncDisposable & { end(): Promise<void> }> {
  const all = ["--port", "0", "--unixsocket", `${dir}/s`, "--dir", dir, "--save", "", ...args];
  const child: ChildProcess = spawn(SERVER_PROGRAM, all, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const text of child.stdout ?? []) if (String(text).includes("eady to accept")) break;
  const end = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return { end, [Symbol.asyncDispose]: end };
}

/** A server of something else, on a socket in `dir`. */
async function other(dir: string, answer: (socket: Socket, sent: Buffer) => void): Promise<AsyncDisposable> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined).on("data", (sent) => answer(socket, sent));
  });
  await once(server.listen(`${dir}/s`), "listening");
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), "close");
    },
  };
}

const at = (dir: string, more: Partial<RedisPlace["options"]> = {}): RedisPlace => ({
  shown: "unix:/shown",
  options: { path: `${dir}/s`, ...more },
});

/** Why a server is not reached, all that a person or a log may see of it. */
async function refusal(place: RedisPlace, ms = MS) {
  const told: string[] = [];
  using redis = await client(place, told);
  const error = await reach(redis, place, ms, clock).then(
    () => undefined,
    (thrown) => thrown,
  );
  const { password = SECRET } = place.options;
  expect(inspect([error, told], { depth: 9, showHidden: true })).not.toContain(password);
  return error;
}

/** `once` of node would take the trouble for its own. */
const happened = (redis: Redis, what: string) => new Promise((resolve) => redis.once(what, resolve));

const SERVER = "expected a Redis that answers PING, got";

testWithRedis("a server that answers is reached, in the database that was named", async () => {
  using dir = scratch();
  await using _ = await started(dir.path, ["--requirepass", SECRET]);
  for (const options of [{ password: SECRET }, { username: "default", password: SECRET, db: 3 }]) {
    const told: string[] = [];
    using redis = await client(at(dir.path, options), told);
    await reach(redis, at(dir.path, options), MS, clock);
    redis.disconnect();
    await happened(redis, "end");
    expect(told).toEqual([]);
  }
});

testWithRedis.each([
  [{ password: "wrong-wrong" }, /WRONGPASS invalid username-password pair/],
  [{ username: "nobody", password: "wrong-wrong" }, /WRONGPASS/],
  [{}, /NOAUTH/],
  [{ username: "default" }, /WRONGPASS/],
  // ioredis would go on in database 0.
  [{ password: SECRET, db: 99 }, /ERR DB index is out of range/],
])("a server with a password, and %j: told, with what to do, without any password", async (options, told) => {
  using dir = scratch();
  await using _ = await started(dir.path, ["--requirepass", SECRET]);
  const error = await refusal(at(dir.path, options));
  expect(error).toMatchObject({ code: "REDIS_UNUSABLE", message: expect.stringMatching(told) });
  expect(error.message).toMatch(new RegExp(`^unix:/shown: ${SERVER} `));
  if (!("db" in options)) expect(error.advice).toContain("ST67_HIL_REDIS");
});

testWithRedis("what waits for an answer when the password is refused learns no password either", async () => {
  using dir = scratch();
  await using _ = await started(dir.path, ["--requirepass", SECRET]);
  using redis = await client(at(dir.path, { password: "wrong-wrong" }));
  const error = await redis.get("x").catch((thrown: unknown) => thrown);
  expect(String(error)).toContain("WRONGPASS");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("wrong-wrong");
});

test("nobody there: told at once", async () => {
  using dir = scratch();
  const error = await refusal(at(dir.path));
  expect(error).toMatchObject({
    code: "REDIS_UNUSABLE",
    message: `unix:/shown: ${SERVER} connect ENOENT ${dir.path}/s`,
  });
  expect(error.advice).toMatch(/^Start the server/);
  const closed = await refusal({ shown: "redis://127.0.0.1:1", options: { host: "127.0.0.1", port: 1 } });
  expect(closed.message).toBe(`redis://127.0.0.1:1: ${SERVER} connect ECONNREFUSED 127.0.0.1:1`);
});

/** What other servers do with a client that says hello. */
const OTHERS: Record<string, [(sent: Buffer) => string | undefined, string]> = {
  "a web server": [() => "HTTP/1.1 400 Bad Request\r\n\r\n", 'no Redis: the answer begins with "H"'],
  "one that sends everything back": [(sent) => String(sent), 'the answer ["ping"]'],
  "one that closes": [() => undefined, "the server closed the connection"],
  "one that tells what it was sent": [
    (sent) =>
      `-ERR unknown command 'HELLO', with args beginning with: ${String(sent).split("\r\n").slice(4).join(" ")}\r\n`,
    "ERR unknown command 'HELLO'",
  ],
  "one that tells it in words of its own": [() => `-ERR what is ${SECRET} to you\r\n`, "ERR what is *** to you"],
};

test.each(Object.entries(OTHERS))("%s is no Redis", async (_, [answer, came]) => {
  using dir = scratch();
  await using _server = await other(dir.path, (socket, sent) => {
    const text = answer(sent);
    if (text === undefined) socket.destroy();
    else socket.write(text);
  });
  const error = await refusal(at(dir.path, { username: "rig", password: SECRET }));
  expect(error).toMatchObject({ code: "REDIS_UNUSABLE", message: `unix:/shown: ${SERVER} ${came}` });
});

test("one without TLS, asked for it", async () => {
  using dir = scratch();
  await using _server = await other(dir.path, (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const error = await refusal(at(dir.path, { password: SECRET, tls: {} }));
  expect(error.message).toBe(`unix:/shown: ${SERVER} TLS: wrong version number`);
  expect(error.advice).toMatch(/^rediss: is TLS/);
});

test("one that is silent: the deadline ends it; so does whoever calls it off", async () => {
  using dir = scratch();
  await using _server = await other(dir.path, () => undefined);
  const error = await refusal(at(dir.path, { password: SECRET }), 50);
  expect(error).toMatchObject({
    code: "REDIS_UNUSABLE",
    message: "unix:/shown: an answer to PING took longer than 50 ms",
  });
  using redis = await client(at(dir.path));
  const before = redis.listenerCount("error");
  const stop = new AbortController();
  const reached = reach(redis, at(dir.path), MS, clock, stop.signal);
  stop.abort(new Error("enough"));
  await expect(reached).rejects.toThrow("enough");
  expect(redis.listenerCount("error")).toBe(before);
});

testWithRedis("trouble is told once until the connection stands, and then again", async () => {
  using dir = scratch();
  const told: string[] = [];
  using redis = await client(at(dir.path), told);
  const ready = happened(redis, "ready");
  for (let tries = 0; tries < 3; tries++) await happened(redis, "reconnecting");
  expect(told).toEqual([`connect ENOENT ${dir.path}/s`]);
  const first = await started(dir.path);
  await ready;
  await first.end();
  for (let tries = 0; tries < 3; tries++) await happened(redis, "reconnecting");
  expect(told.slice(1)).toEqual(["the server closed the connection", `connect ECONNREFUSED ${dir.path}/s`]);
});
