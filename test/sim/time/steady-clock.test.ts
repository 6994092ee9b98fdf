import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import type { Clock } from "../../../harness/base/time.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { SteadyClock } from "../../../harness/sim/time/steady-clock.js";

/** Timers as a busy system has them: whole milliseconds, and late. */
function coarse(lateMs: number, aheadMs = 0) {
  const virtual = new VirtualClock();
  const real: Clock = {
    now: () => virtual.now(),
    sleep: (ms, signal) => virtual.sleep(Math.max(1, Math.ceil(ms)) + lateMs, signal),
  };
  return { virtual, real, clock: new SteadyClock(real, { aheadMs }) };
}

test.each([0, 0.4, 15])("timers that are %d ms late and coarse: a thousand pages still take 700 ms", async (lateMs) => {
  const { clock, real } = coarse(lateMs);
  for (let page = 0; page < 1000; page++) await clock.sleep(0.7);
  expect(clock.now()).toBeCloseTo(700, 6);
  expect(real.now()).toBeGreaterThanOrEqual(700 - 1e-6);
  expect(real.now()).toBeLessThan(702 + lateMs);
});

test("the last part of a wait that is not left to a timer ends in time", async () => {
  let real = 0;
  const pass = (ms: number): number => {
    real += ms;
    return real;
  };
  // Each look at the time takes a tenth of a millisecond, and timers are late by one.
  const looking: Clock = { now: () => pass(0.1), sleep: async (ms) => void pass(Math.ceil(ms) + 1) };
  const clock = new SteadyClock(looking, { spinMs: 3 });
  await clock.sleep(20);
  expect(real).toBeGreaterThanOrEqual(20);
  expect(real).toBeLessThan(20.5);
});

test("who wakes late finds the time for which he asked; who comes from outside finds real time", async () => {
  const { clock, real, virtual } = coarse(5);
  await clock.sleep(3);
  expect(clock.now()).toBe(3);
  expect(real.now()).toBe(8);
  await setImmediate();
  await virtual.sleep(20);
  expect(clock.now()).toBe(28);
});

test("whoever is set off by one who was woken late finds its time, however that one sleeps on", async () => {
  const { clock } = coarse(4);
  const seen: string[] = [];
  const see = (what: string) => seen.push(`${what} at ${clock.now()}`);
  let go: () => void = () => undefined;
  const setOff = new Promise<void>((resolve) => {
    go = resolve;
  });
  const other = setOff.then(async () => {
    see("set off");
    await clock.sleep(0.5);
    see("the other");
  });
  await clock.sleep(3);
  go();
  void clock.sleep(2);
  see("who only set a timer");
  await clock.sleep(1);
  see("one");
  await clock.sleep(1);
  see("one");
  await other;
  expect(seen).toEqual(["who only set a timer at 3", "set off at 3", "the other at 3.5", "one at 4", "one at 5"]);
});

test("who is woken early finds his own time, and so does whoever comes then; what he lets out waits", async () => {
  const { clock, real, virtual } = coarse(0, 4);
  await clock.sleep(10);
  await clock.sleep(0.5);
  expect([clock.now(), real.now()]).toEqual([10.5, 7]);
  await setImmediate();
  expect(clock.now()).toBe(10.5);
  await clock.reach(clock.now());
  expect(real.now()).toBeGreaterThanOrEqual(10.5);
  await virtual.sleep(20);
  expect(clock.now()).toBe(real.now());
});

test("nobody waits for a time that has come", async () => {
  const { clock, virtual } = coarse(0);
  await virtual.sleep(5);
  await clock.reach(5);
  expect(virtual.now()).toBe(5);
});

test("sleepers wake by their times, not by their timers", async () => {
  const { clock } = coarse(7);
  const woken: number[] = [];
  const nap = async (ms: number) => {
    await clock.sleep(ms);
    woken.push(clock.now());
  };
  await Promise.all([nap(9), nap(2), nap(2.5), nap(0), nap(-1), nap(100)]);
  expect(woken).toEqual([0, 0, 2, 2.5, 9, 100]);
});

test.each([0, 2])("time never goes back, and never passes a sleeper, woken %d ms early", async (aheadMs) => {
  const { clock, virtual } = coarse(3, aheadMs);
  const seen: number[] = [];
  const look = async () => {
    for (let turn = 0; turn < 60; turn++) {
      await virtual.sleep(0.37);
      seen.push(clock.now());
    }
  };
  const work = async () => {
    for (let turn = 0; turn < 20; turn++) {
      await clock.sleep(0.9);
      seen.push(clock.now());
    }
  };
  await Promise.all([look(), work()]);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test("a sleep that is called off leaves no timer behind", async () => {
  const virtual = new VirtualClock();
  const clock = new SteadyClock(virtual.background);
  const off = new AbortController();
  const long = clock.sleep(4_294_967_295, off.signal);
  const endless = clock.sleep(Number.POSITIVE_INFINITY, off.signal);
  const short = clock.sleep(5);
  await virtual.sleep(10);
  await short;
  await setImmediate();
  expect(virtual.sleeping).toBe(1);
  off.abort("enough");
  await expect(long).rejects.toBe("enough");
  await expect(endless).rejects.toBe("enough");
  await expect(clock.sleep(1, off.signal)).rejects.toBe("enough");
  expect(virtual.sleeping).toBe(0);
});

test("no wait is longer than a timer holds", async () => {
  const asked: number[] = [];
  const virtual = new VirtualClock();
  const real: Clock = {
    now: () => virtual.now(),
    sleep: (ms, signal) => {
      asked.push(ms);
      return virtual.sleep(ms, signal);
    },
  };
  const clock = new SteadyClock(real);
  await clock.sleep(4_294_967_295);
  expect(clock.now()).toBe(4_294_967_295);
  expect(Math.max(...asked)).toBeLessThan(2 ** 31);
});
