import { getEventListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { VirtualClock } from "../../../harness/sim/time/clock.js";

test("sleepers wake by time, first come first served, at exactly their time", async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  const sleeps = [
    ["b", 20],
    ["c", 20],
    ["a", 0.25],
    ["d", 20],
  ].map(([name, ms]) => clock.sleep(Number(ms)).then(() => woken.push(`${name}@${clock.now()}`)));
  await Promise.all(sleeps);
  expect(woken).toEqual(["a@0.25", "b@20", "c@20", "d@20"]);
});

test("an aborted sleep rejects with the reason, and leaves neither sleeper nor listener", async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const reason = new Error("called off");
  const long = clock.sleep(Number.POSITIVE_INFINITY, abort.signal);
  const short = clock.sleep(5, abort.signal);
  await short;
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
  abort.abort(reason);
  await expect(long).rejects.toBe(reason);
  await expect(clock.sleep(1, abort.signal)).rejects.toBe(reason);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
  expect(clock.sleeping).toBe(0);
  expect(clock.now()).toBe(5);
});

test("a sleep of nonsense ends at once", async () => {
  const clock = new VirtualClock();
  await clock.sleep(Number.NaN);
  await clock.sleep(-3);
  expect(clock.now()).toBe(0);
});

test("a long jump waits for a file that is being read", async () => {
  const clock = new VirtualClock();
  const first = await Promise.race([
    readFile("package-lock.json").then(() => "file"),
    clock.sleep(60_000).then(() => "clock"),
  ]);
  expect(first).toBe("file");
});

test("whoever is called off, the others wake in order", async () => {
  const naps = fc.array(fc.record({ ms: fc.nat(30), dropped: fc.boolean() }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(naps, async (plan) => {
      const clock = new VirtualClock();
      const woken: number[] = [];
      const controllers = plan.map(() => new AbortController());
      const sleeps = plan.map(({ ms }, index) =>
        clock.sleep(ms, controllers[index]?.signal).then(
          () => woken.push(index),
          () => undefined,
        ),
      );
      for (const [index, { dropped }] of plan.entries()) if (dropped) controllers[index]?.abort();
      await Promise.all(sleeps);
      const expected = plan
        .map(({ ms, dropped }, index) => ({ ms, dropped, index }))
        .filter(({ dropped }) => !dropped)
        .sort((a, b) => a.ms - b.ms || a.index - b.index);
      expect(woken).toEqual(expected.map(({ index }) => index));
    }),
    { numRuns: 50 },
  );
});
