import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { nextFence, raiseFence } from "../../harness/farm/fence.js";
import { KEYS } from "../../harness/farm/keys.js";
import { redisServer } from "../support/redis.js";
import { scratch } from "../support/scratch.js";
import { testWithRedis } from "../support/with-redis.js";

test("a fencing number that is not above all that were seen is too late", () => {
  using folder = scratch();
  raiseFence("bench-1", 7, folder.path);
  raiseFence("bench-1", 9, folder.path);
  for (const late of [9, 8, 1])
    expect(() => raiseFence("bench-1", late, folder.path)).toThrow(`fencing number ${late} comes after 9`);
  raiseFence("bench-1", 10, folder.path);
});

testWithRedis("a server that has forgotten all gives numbers above those that the rig has seen", async () => {
  using folder = scratch();
  await using server = await redisServer();
  const client = new Redis({ path: server.socket });
  raiseFence("bench-1", 41, folder.path);
  const numbers = [await nextFence(client, "bench-1", folder.path), await nextFence(client, "other", folder.path)];
  expect(numbers).toEqual([42, 43]);
  for (const fence of numbers) raiseFence("bench-1", fence, folder.path);
  expect(await nextFence(client, "bench-1", folder.path)).toBe(44);
  client.disconnect();
});

testWithRedis.each(["9999999999999999", String(2n ** 62n)])(
  "a counter that somebody has set to %s gives no number that a rig would forget",
  async (set) => {
    using folder = scratch();
    await using server = await redisServer();
    const client = new Redis({ path: server.socket });
    await client.set(KEYS.fence, set);
    await expect(nextFence(client, "bench-1", folder.path)).rejects.toThrow(`${KEYS.fence}: expected 1 to 9999`);
    client.disconnect();
  },
);

test("rigs have numbers of their own, whatever they are called", () => {
  using folder = scratch();
  raiseFence("bench/../1", 5, folder.path);
  raiseFence("bench 1", 3, folder.path);
  expect(readdirSync(folder.path)).toHaveLength(2);
});

test.each(["", "cafe\n", "-1\n", "9".repeat(40)])("a file that holds %j has seen nobody", (text) => {
  using folder = scratch();
  raiseFence("bench-1", 1, folder.path);
  const [name = ""] = readdirSync(folder.path);
  writeFileSync(join(folder.path, name), text);
  raiseFence("bench-1", 1, folder.path);
  expect(readFileSync(join(folder.path, name), "utf8")).toBe("1\n");
});
