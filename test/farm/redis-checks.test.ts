import { expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import { type RedisFacts, redisChecks, unreached } from "../../harness/farm/redis-checks.js";

const INFO: Readonly<Record<string, string>> = {
  redis_version: "7.0.15",
  redis_mode: "standalone",
  role: "master",
  aof_enabled: "1",
  aof_last_write_status: "ok",
  maxmemory: "0",
  maxmemory_policy: "noeviction",
};

const GOOD: RedisFacts = {
  shown: "redis://h:6379",
  info: { value: new Map(Object.entries(INFO)) },
  clock: { value: { aheadMs: -12.3, tookMs: 2 } },
  pings: { value: [0.2, 900, 0.3, 0.1, 0.4] },
};

const withInfo = (more: Record<string, string>): RedisFacts => ({
  ...GOOD,
  info: { value: new Map(Object.entries({ ...INFO, ...more })) },
});
const check = (facts: RedisFacts, id: string) => redisChecks(facts).find((each) => each.id === id);

test("a good server passes all, and each check has what doctor's have", () => {
  expect(redisChecks(GOOD).map(({ id, status, found }) => [id, status, found])).toEqual([
    ["redis-reach", "passed", "redis://h:6379"],
    ["redis-version", "passed", "Redis 7.0.15"],
    ["redis-aof", "passed", "appendonly is on"],
    ["redis-eviction", "passed", "noeviction"],
    ["redis-clock", "passed", "the server is 0.012 s behind this machine, give or take 0.001 s"],
    ["redis-latency", "passed", "0.3 ms, the median of 5"],
  ]);
  for (const each of redisChecks(GOOD))
    expect(Object.keys(each).sort()).toEqual(["advice", "expected", "found", "id", "status"]);
});

test.each<[string, Record<string, string>, string, string]>([
  ["redis-reach", { role: "slave" }, "failed", "redis://h:6379 is a replica: nothing can be written there"],
  ["redis-reach", { redis_mode: "cluster" }, "failed", "is part of a cluster"],
  ["redis-version", { redis_version: "6.2.0" }, "passed", "Redis 6.2.0"],
  ["redis-version", { redis_version: "10.0.1" }, "passed", "Redis 10.0.1"],
  ["redis-version", { redis_version: "6.0.16" }, "warned", "Redis 6.0.16"],
  ["redis-version", { redis_version: "5.0.14" }, "warned", "Redis 5.0.14"],
  ["redis-version", { redis_version: "4.0.9" }, "failed", "Redis 4.0.9"],
  ["redis-version", { redis_version: "new" }, "warned", "INFO does not tell it"],
  [
    "redis-version",
    { redis_version: "7.2.4", valkey_version: "8.1.1" },
    "passed",
    "Valkey 8.1.1, which is as Redis 7.2.4",
  ],
  ["redis-aof", { aof_enabled: "0" }, "failed", "appendonly is off"],
  ["redis-aof", { aof_last_write_status: "err" }, "failed", "its last write failed"],
  ["redis-eviction", { maxmemory_policy: "allkeys-lru" }, "warned", "allkeys-lru, and no limit of memory yet"],
  ["redis-eviction", { maxmemory_policy: "volatile-ttl", maxmemory: "1" }, "failed", "a full server throws jobs away"],
])("%s with %j is %s", (id, more, status, found) => {
  const told = check(withInfo(more), id);
  expect(told).toMatchObject({ status, found: expect.stringContaining(found) });
  expect(told?.advice === "").toBe(status === "passed");
});

test.each([
  [5000, "passed", "ahead of"],
  [-5000, "passed", "behind"],
  [5001, "warned", "5.001 s ahead of"],
  [-3_600_000, "warned", "3600.000 s behind"],
  [Number.NaN, "warned", "does not tell"],
])("clocks that are %d ms apart: %s", (aheadMs, status, found) => {
  const told = check({ ...GOOD, clock: { value: { aheadMs, tookMs: 2 } } }, "redis-clock");
  expect(told).toMatchObject({ status, found: expect.stringContaining(found) });
});

test("a slow way is told by its median", () => {
  const told = check({ ...GOOD, pings: { value: [60, 1, 51, 70, 2] } }, "redis-latency");
  expect(told).toMatchObject({ status: "warned", found: "51.0 ms, the median of 5" });
});

test("what an ACL refuses is warned of, with how to see it", () => {
  const refused = { refused: "NOPERM no" };
  const told = redisChecks({ ...GOOD, info: refused, clock: refused, pings: refused });
  expect(told.map(({ status }) => status)).toEqual(["passed", ...new Array(5).fill("warned")]);
  for (const { status, found, advice } of told)
    if (status === "warned")
      expect([found, advice]).toEqual([expect.stringContaining("NOPERM no"), expect.any(String)]);
  const silent = redisChecks({ ...GOOD, info: { value: new Map() } });
  expect(silent.map(({ status }) => status)).toEqual(["passed", "warned", "warned", "warned", "passed", "passed"]);
});

test("one that is not reached: the first says why, the others do not apply", () => {
  const told = unreached({ message: "why", advice: "what to do" });
  expect(told[0]).toMatchObject({ id: "redis-reach", status: "failed", found: "why", advice: "what to do" });
  expect(told.map(({ id }) => id)).toEqual(redisChecks(GOOD).map(({ id }) => id));
  expect(new Set(told.slice(1).map(({ status }) => status))).toEqual(new Set(["not-applicable"]));
  const { message, advice } = new HarnessError("REDIS_UNUSABLE", "no answer");
  expect(unreached({ message, advice })[0]?.advice).not.toContain("doctor --redis");
});
