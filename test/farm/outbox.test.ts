import { truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import type { RunEvent } from "../../harness/base/events.js";
import { Outbox } from "../../harness/farm/outbox.js";
import { scratch } from "../support/scratch.js";

const OF = { job: 0, delivery: 1 };
const warned = (seq: number): RunEvent => ({ type: "run.warned", seq, atMs: 0, message: "something" });

/** A server that answers the first commands with these errors. */
function server(...errors: readonly string[]) {
  const taken: number[] = [];
  const others: unknown[] = [];
  const left = [...errors];
  const xadd = async (...[, , , json = ""]: readonly string[]) => {
    const error = left.shift();
    if (error !== undefined) throw new Error(error);
    const told = JSON.parse(json);
    if (told.kind === "event") taken.push(told.event.seq);
    else others.push(told);
  };
  return { taken, others, client: { xadd } as unknown as Redis };
}

function outboxTo(client: Redis, folder: string) {
  const slept: number[] = [];
  const clock = { now: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const blobs = { has: async () => false, put: async () => undefined, get: async () => undefined };
  const names = { run: "r", rig: "one", journal: "j", folder };
  return { slept, outbox: new Outbox({ client, clock, blobs, ...names }) };
}

test("a server that is full for a while gets every event in the end, once, and in its order", async () => {
  using folder = scratch();
  const { client, taken } = server("OOM command not allowed", "READONLY You can't write", "LOADING Redis is loading");
  const { outbox, slept } = outboxTo(client, folder.path);
  for (const seq of [0, 1, 2]) outbox.push(warned(seq), OF);
  await outbox.drained();
  expect({ taken, waits: slept.length }).toEqual({ taken: [0, 1, 2], waits: 3 });
});

test("one that never takes it is told to who waits, crashes nobody, and is asked anew with the next event", async () => {
  using folder = scratch();
  const { client, taken } = server("WRONGTYPE Operation against a key");
  const { outbox } = outboxTo(client, folder.path);
  outbox.push(warned(0), OF);
  await expect(outbox.drained()).rejects.toThrow("WRONGTYPE");
  outbox.push(warned(1), OF);
  await outbox.drained();
  expect(taken).toEqual([0, 1]);
});

test("a file of a case that cannot come is told with its reason, before the case's end", async () => {
  using folder = scratch();
  writeFileSync(folder.file("large"), "");
  truncateSync(folder.file("large"), 64 * 1024 * 1024 + 1);
  const { client, taken, others } = server();
  const { outbox } = outboxTo(client, folder.path);
  for (const [seq, file] of ["large", "gone"].entries())
    outbox.push({ type: "attachment", seq, atMs: 0, case: "a", file } as RunEvent, OF);
  const place = { case: "a", scenario: "a", rig: "one" };
  outbox.push({ type: "case.ended", seq: 2, atMs: 0, ...place, verdict: "passed" }, OF);
  await outbox.drained();
  expect({ taken, others }).toMatchObject({
    taken: [0, 1, 2],
    others: [
      { kind: "stays", path: "large", why: "its 67108865 bytes are too many for the way" },
      { kind: "stays", path: "gone", why: "it cannot be read" },
    ],
  });
});
