import { spawnSync } from "node:child_process";
import { expect } from "@jest/globals";
import { Redis } from "ioredis";
import { hold, type Owner, pidsHere, release } from "../../harness/farm/hold.js";
import { redisServer } from "../support/redis.js";
import { testWithRedis } from "../support/with-redis.js";

const alive = (id: string): Owner => ({ id, host: "here", pids: pidsHere(), pid: process.pid });
/** Of a process that has ended. */
const ended = (id: string, pids = pidsHere()): Owner => ({ id, host: "here", pids, pid: spawnSync("true").pid });

testWithRedis("one holds, another is told who does, and the first may give it back", async () => {
  await using server = await redisServer();
  const client = new Redis({ path: server.socket });
  const [one, two] = [alive("1"), alive("2")];
  expect(await hold(client, "k", one, 60_000)).toBeUndefined();
  expect(await hold(client, "k", one, 60_000)).toBeUndefined();
  expect(await hold(client, "k", two, 60_000)).toMatchObject({ id: "1" });
  await release(client, "k", two);
  expect(await hold(client, "k", two, 60_000)).toMatchObject({ id: "1" });
  await release(client, "k", one);
  expect(await hold(client, "k", two, 60_000)).toBeUndefined();
  client.disconnect();
});

testWithRedis(
  "one who was ended on this machine is replaced at once, and one elsewhere, of whatever name, when its lease is over",
  async () => {
    await using server = await redisServer();
    const client = new Redis({ path: server.socket });
    await hold(client, "k", ended("1"), 60_000);
    expect(await hold(client, "k", alive("2"), 60_000)).toBeUndefined();
    await client.del("k");
    await hold(client, "k", ended("1", "of another container"), 60_000);
    expect(await hold(client, "k", alive("2"), 60_000)).toMatchObject({ id: "1", host: "here" });
    await client.set("k", "no JSON");
    expect(await hold(client, "k", alive("2"), 60_000)).toMatchObject({ host: "?" });
    client.disconnect();
  },
);
