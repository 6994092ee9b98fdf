import { expect } from "@jest/globals";
import { Redis } from "ioredis";
import { claimDelivery, isClaimed } from "../../harness/farm/claim-delivery.js";
import { KEYS } from "../../harness/farm/keys.js";
import { redisServer } from "../support/redis.js";
import { testWithRedis } from "../support/with-redis.js";

const of = (job: number, delivery: number) => ({ run: "r", job, delivery, conclude: false, cases: [] });

testWithRedis("a delivery is one agent's, and nobody's when another one counts or the run is over", async () => {
  await using server = await redisServer();
  const client = new Redis({ path: server.socket });
  await client.hset(KEYS.current("r"), "3", "1");
  expect(await isClaimed(client, of(3, 1))).toBe(false);
  expect(await claimDelivery(client, of(3, 1))).toBe(1);
  expect(await isClaimed(client, of(3, 1))).toBe(true);
  expect(await claimDelivery(client, of(3, 1))).toBe(2);
  await client.hset(KEYS.current("r"), "3", "2");
  expect(await claimDelivery(client, of(3, 1))).toBe(0);
  expect(await claimDelivery(client, of(3, 2))).toBe(1);
  await client.del(KEYS.current("r"));
  expect(await claimDelivery(client, of(3, 2))).toBe(0);
  expect(await client.exists(KEYS.current("r"))).toBe(0);
  client.disconnect();
});
