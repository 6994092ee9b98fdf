import { expect } from "@jest/globals";
import { Redis } from "ioredis";
import type { Fact } from "../../harness/base/events.js";
import { Book } from "../../harness/farm/book.js";
import { Clerk } from "../../harness/farm/clerk.js";
import { pidsHere } from "../../harness/farm/hold.js";
import { KEYS } from "../../harness/farm/keys.js";
import type { Order } from "../../harness/farm/messages.js";
import { Queues } from "../../harness/farm/queues.js";
import { redisServer } from "../support/redis.js";
import { testWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";
import { jobOf } from "./told.js";

const ORDER: Order = {
  ...{ runId: "r", wallTime: "2026-11-28T00:00:00.000Z", harness: "0", scenarios: "shipped", seed: 1, asked: [] },
  ...{ profiles: [], versions: [], graceMs: 1, deafMs: 1, traces: "failed", retries: 0, night: false },
  jobs: [jobOf(0, "a")],
};
const [LEASE_MS, PATIENCE_MS] = [60_000, 10_000];

/** A run that no rig is there for, on a server that only reads from the clerk's first wait on, for so many of its waits. */
async function onReplica(waits: number) {
  await using server = await redisServer();
  const client = new Redis({ path: server.socket });
  using _ended = { [Symbol.dispose]: () => client.disconnect() };
  await client.set(KEYS.order("r"), JSON.stringify(ORDER));
  await client.xadd(KEYS.told("r"), "*", "told", "{}");
  let [nowMs, slept] = [0, 0];
  const sleep = async (ms: number) => {
    nowMs += ms;
    if (slept === 0) await client.replicaof("127.0.0.1", "1");
    if (slept === waits) await client.replicaof("NO", "ONE");
    slept += 1;
  };
  const facts: Fact[] = [];
  const said: string[] = [];
  const book = new Book(
    ORDER,
    (fact) => void facts.push(fact),
    () => undefined,
  );
  await using queues = new Queues(client, LEASE_MS);
  const clerk = new Clerk({
    ...{ client, queues, order: ORDER, book, leaseMs: LEASE_MS, patienceMs: PATIENCE_MS },
    clock: { now: () => nowMs, sleep },
    self: { id: "one", host: "here", pids: pidsHere(), pid: process.pid },
    ...{ signal: new AbortController().signal, left: new AbortController().signal },
    tell: (text) => void said.push(text),
  });
  const failure: unknown = await clerk.work().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { failure, facts, said: said.filter((text) => text.includes("READONLY")) };
}

testWithRedis(`a server that takes nothing for a while does not end a run${WITHOUT_REDIS}`, async () => {
  const { failure, facts, said } = await onReplica(14);
  expect({ failure, said: said.length }).toEqual({ failure: undefined, said: 1 });
  expect(facts.filter(({ type }) => type === "case.ended" || type === "run.ended")).toMatchObject([
    { case: "a", verdict: "broken", fault: { code: "AGENT_LOST" } },
    { type: "run.ended", interrupted: false },
  ]);
});

testWithRedis(
  `one that takes nothing for longer than the run's patience ends it, with its words${WITHOUT_REDIS}`,
  async () => {
    const { failure } = await onReplica(Number.POSITIVE_INFINITY);
    expect(failure).toMatchObject({ message: expect.stringMatching(/^READONLY/) });
  },
);

testWithRedis(
  `who stood still in the middle of writing has been replaced, and writes no more${WITHOUT_REDIS}`,
  async () => {
    await using server = await redisServer();
    const client = new Redis({ path: server.socket });
    using _ended = { [Symbol.dispose]: () => client.disconnect() };
    await client.set(KEYS.order("r"), JSON.stringify(ORDER));
    const told = (message: string) => JSON.stringify({ kind: "fact", atMs: 0, fact: { type: "run.warned", message } });
    for (const message of ["one", "two", "three"]) await client.xadd(KEYS.told("r"), "*", "told", told(message));
    let nowMs = 0;
    const facts: Fact[] = [];
    const emit = (fact: Fact) => {
      facts.push(fact);
      nowMs += LEASE_MS;
      void client.set(KEYS.clerk("r"), JSON.stringify({ id: "two", host: "there", pids: "others", pid: 7 }));
    };
    await using queues = new Queues(client, LEASE_MS);
    const { signal } = new AbortController();
    const clerk = new Clerk({
      ...{ client, queues, order: ORDER, book: new Book(ORDER, emit, () => undefined), signal, left: signal },
      ...{ leaseMs: LEASE_MS, patienceMs: PATIENCE_MS, tell: () => undefined },
      clock: { now: () => nowMs, sleep: async () => undefined },
      self: { id: "one", host: "here", pids: pidsHere(), pid: process.pid },
    });
    await expect(clerk.work()).rejects.toThrow("r: pid 7 on there has gone on with this run");
    expect(facts).toEqual([{ type: "run.warned", message: "one" }]);
  },
);
