import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Verdict } from "../../harness/base/events.js";
import { medianOf } from "../../harness/base/median.js";
import type { Judged } from "../../harness/history/judged.js";
import { signRank, timingOf } from "../../harness/history/timing.js";

const judged = (name: string, ms: number, verdict: Verdict = "passed"): Judged => ({
  ...{ name, scenario: "s", rig: "pi", verdict },
  stages: new Map([["erase", ms]]),
});
const all = (times: readonly number[]): Judged[] => times.map((ms, index) => judged(`case ${index}`, ms));
const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

test.each([
  [1, 0],
  [5, 0],
  [6, 1],
  [8, 1],
  [9, 2],
  [20, 6],
  [30, 10],
  [50, 18],
  [100, 40],
])("of %i numbers, number %i from either end bounds the median", (count, rank) => {
  expect(signRank(count)).toBe(rank);
});

test("of very many numbers, too, as a normal distribution has it", () => {
  expect(signRank(100_000)).toBeCloseTo(50_000 - 1.96 * Math.sqrt(25_000), -1);
});

test.each<[string, number[], number[], object]>([
  ["six pairs have an interval", times(6, 100), times(6, 115), { interval: "95 %", change: "slower", pairs: 6 }],
  ["five have a range, which is told as such", times(5, 100), times(5, 115), { interval: "range", change: "slower" }],
  ["less than 5 % is no change", times(9, 100), times(9, 104), { interval: "95 %", ratio: 1.04 }],
  ["faster", times(9, 100), times(9, 80), { change: "faster", ratio: 0.8 }],
])("%s", (_, before, now, expected) => {
  const [found] = timingOf(all(before), all(now));
  expect(found).toMatchObject(expected);
  expect(found?.change).toBe((expected as { change?: string }).change);
});

test("an interval with 1 in it is no change, however large the median", () => {
  expect(timingOf(all(times(6, 100)), all([90, 130, 130, 130, 130, 130]))).toMatchObject([{ ratio: 1.3, low: 0.9 }]);
  expect(timingOf(all(times(6, 100)), all([90, 130, 130, 130, 130, 130]))[0]).not.toHaveProperty("change");
});

test("what did not pass both times, or took no time before, is no pair", () => {
  const before = [judged("a", 100), judged("b", 100, "failed"), judged("c", 0), judged("d", 100)];
  const now = [judged("a", 200, "failed"), judged("b", 200), judged("c", 5), judged("e", 1)];
  expect(timingOf(before, now)).toEqual([]);
});

test("a run held against itself never changes, and the median lies in its interval", () => {
  const ms = fc.double({ min: 0.001, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(ms, ms), { minLength: 1, maxLength: 40 }), (pairs) => {
      const [before, now] = [all(pairs.map(([one]) => one)), all(pairs.map(([, other]) => other))];
      expect(timingOf(now, now)).toMatchObject([{ ratio: 1, low: 1, high: 1 }]);
      const [{ ratio, low, high } = { ratio: 0, low: 1, high: 1 }] = timingOf(before, now);
      expect(low <= ratio && ratio <= high).toBe(true);
      const sorted = pairs.map(([one, other]) => other / one).sort((a, b) => a - b);
      expect(ratio).toBe(medianOf(sorted));
    }),
  );
});
