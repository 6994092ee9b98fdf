import { expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { Clock } from "../../harness/base/time.js";
import { pidsHere } from "../../harness/farm/hold.js";
import { KEYS } from "../../harness/farm/keys.js";
import type { Order } from "../../harness/farm/messages.js";
import { KEPT_MS, ReplacedError, Tenure } from "../../harness/farm/tenure.js";
import { redisServer } from "../support/redis.js";
import { describeWithRedis } from "../support/with-redis.js";

const ORDER: Order = {
  ...{ runId: "r", wallTime: "2026-11-28T00:00:00.000Z", harness: "0", scenarios: "shipped", seed: 1, asked: [] },
  ...{ profiles: [], versions: [], graceMs: 1, deafMs: 1, traces: "failed", retries: 0, night: false, jobs: [] },
};
const LEASE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A server that knows the run, and clerks of one clock. */
async function office() {
  const server = await redisServer();
  const client = new Redis({ path: server.socket });
  await client.set(KEYS.order("r"), JSON.stringify(ORDER));
  await client.xadd(KEYS.told("r"), "*", "told", "{}");
  let nowMs = 0;
  const clock: Clock = { now: () => nowMs, sleep: async () => undefined };
  const clerk = (id: string, through = client) =>
    new Tenure({
      ...{ client: through, clock, order: ORDER, leaseMs: LEASE_MS },
      self: { id, host: "here", pids: pidsHere(), pid: process.pid },
    });
  const wait = (ms: number) => {
    nowMs += ms;
  };
  const close = async () => {
    client.disconnect();
    await server[Symbol.asyncDispose]();
  };
  return { client, clerk, wait, [Symbol.asyncDispose]: close };
}

describeWithRedis("a run's clerk", () => {
  test("is one at a time, and one that stood still is told who has gone on", async () => {
    await using place = await office();
    const [one, two] = [place.clerk("1"), place.clerk("2")];
    await one.begin();
    await one.hold();
    await two.begin();
    await expect(two.hold()).rejects.toThrow(ReplacedError);
    await place.client.del(KEYS.clerk("r"));
    await two.hold();
    await expect(one.hold()).rejects.toThrow("has gone on with this run");
  });

  test("knows that another one came and went", async () => {
    await using place = await office();
    const [one, two] = [place.clerk("1"), place.clerk("2")];
    await one.begin();
    await one.hold();
    await place.client.del(KEYS.clerk("r"));
    await two.begin();
    await two.hold();
    await two.leave();
    await expect(one.hold()).rejects.toThrow("another process has gone on with this run");
  });

  test("doubts whether the run is its own when it has not asked for half a lease", async () => {
    await using place = await office();
    const one = place.clerk("1");
    expect(one.isDoubtful).toBe(true);
    await one.begin();
    await one.hold();
    expect(one.isDoubtful).toBe(false);
    place.wait(LEASE_MS / 2 + 1);
    expect(one.isDoubtful).toBe(true);
  });

  test("sees to it that the run is kept as long as it lasts, and for a week behind it", async () => {
    await using place = await office();
    const one = place.clerk("1");
    const keys = [KEYS.order("r"), KEYS.told("r"), KEYS.current("r")];
    const kept = async () => {
      const all = await Promise.all(keys.map((key) => place.client.pttl(key)));
      return all.map((ms) => ms > KEPT_MS / 2);
    };
    await one.begin();
    expect(await kept()).toEqual([true, true, true]);
    for (const key of keys) await place.client.pexpire(key, 100_000);
    await one.hold();
    expect(await kept()).toEqual([false, false, false]);
    place.wait(HOUR_MS);
    await one.hold();
    expect(await kept()).toEqual([true, true, true]);
  });

  test("ends where the server has forgotten the run", async () => {
    await using place = await office();
    const one = place.clerk("1");
    await one.begin();
    await place.client.flushall();
    await expect(one.hold()).rejects.toThrow("has forgotten the run r");
  });

  test.each(["eval", "hget", "exists"] as const)(
    "is not replaced by a server that forgets the run behind its %s",
    async (last) => {
      await using place = await office();
      let forgets = false;
      const client = new Proxy(place.client, {
        get: (target, name) => {
          const command = Reflect.get(target, name);
          if (name !== last || !forgets) return typeof command === "function" ? command.bind(target) : command;
          return async (...args: unknown[]) => {
            const answer = await command.apply(target, args);
            await target.flushall();
            return answer;
          };
        },
      });
      const one = place.clerk("1", client);
      await one.begin();
      forgets = true;
      const twice = async () => {
        await one.hold();
        await one.hold();
      };
      await expect(twice()).rejects.toThrow("has forgotten the run r");
    },
  );

  test("that has ended the run replaces who stood still meanwhile", async () => {
    await using place = await office();
    const one = place.clerk("1");
    await one.begin();
    await place.client.del(KEYS.current("r"));
    await expect(one.hold()).rejects.toThrow(ReplacedError);
  });
});
