import { getEventListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { inSteps } from "../../../harness/sim/time/steps.js";

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

test("it stands still for work in another thread, also where it kept real time, and goes on afterwards", async () => {
  const clock = new VirtualClock();
  const slow = () => new Promise((done) => setTimeout(done, 20));
  const told: string[] = [];
  const sleeper = clock.sleep(5).then(() => told.push(`slept at ${clock.now()}`));
  await clock.standStill(slow()).then(() => told.push(`worked at ${clock.now()}`));
  await sleeper;
  expect(told).toEqual(["worked at 0", "slept at 5"]);
  void clock.background.sleep(60_000);
  await slow();
  const before = clock.now();
  await clock.standStill(slow());
  expect(clock.now() - before).toBeLessThan(15);
  await expect(clock.standStill(Promise.reject(new Error("lost")))).rejects.toThrow("lost");
  await clock.sleep(1);
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

test("a sleep of many steps ends as many sleeps do, whoever wakes in between, on any clock", async () => {
  const naps = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(naps, fc.array(fc.nat(60), { maxLength: 12 }), async (mine, others) => {
      const seen = async (kind: "stepping" | "plain" | "sleeps"): Promise<string[]> => {
        const clock = new VirtualClock();
        const told: string[] = [];
        const tell = (who: string) => void told.push(`${who}@${clock.now()}`);
        const { now, sleep } = clock.background;
        const own = kind === "stepping" ? clock.background : { now, sleep };
        const left = mine.slice(1);
        const step = () => {
          tell("mine");
          return left.shift();
        };
        const signal = new AbortController().signal;
        const walk = async () => {
          if (kind !== "sleeps") return inSteps(own, mine[0] ?? 0, step, signal);
          for (let next = mine[0]; next !== undefined; next = step()) await own.sleep(next, signal);
        };
        const walking = walk();
        await Promise.all([
          ...others.map((ms, index) => clock.sleep(ms).then(() => tell(`${index}`))),
          clock.sleep(200),
        ]);
        await walking;
        return told;
      };
      expect(await seen("stepping")).toEqual(await seen("sleeps"));
      expect(await seen("plain")).toEqual(await seen("sleeps"));
    }),
    { numRuns: 50 },
  );
});

test("a sleep of many steps that is called off takes no further one", async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  let steps = 0;
  const step = () => {
    steps++;
    return 3;
  };
  const walk = clock.background.steps(3, step, abort.signal);
  void clock.sleep(10).then(() => abort.abort(new Error("enough")));
  await expect(walk).rejects.toThrow("enough");
  await clock.sleep(50);
  expect(steps).toBe(3);
  expect(clock.sleeping).toBe(0);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
});

/** Sleeps, and how many of them were over when the event loop had its turn. */
async function overByTurn(ms: number): Promise<number> {
  const clock = new VirtualClock();
  let over = 0;
  const turn = new Promise<number>((resolve) => setImmediate(() => resolve(over)));
  for (let nap = 0; nap < 40; nap++) void clock.sleep(ms * (nap + 1)).then(() => over++);
  const seen = await new Promise<number>((resolve) => {
    void turn.then(() => setImmediate(() => resolve(over)));
  });
  await clock.sleep(41 * ms);
  return seen;
}

test("the event loop has its turn after a few short jumps, and between two long ones", async () => {
  const short = await overByTurn(1);
  expect(short).toBeGreaterThan(0);
  expect(short).toBeLessThanOrEqual(32);
  expect(await overByTurn(51)).toBeLessThanOrEqual(2);
});
