import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Verdict } from "../../harness/base/events.js";
import type { Judged } from "../../harness/history/judged.js";
import { isRegression, timingOf } from "../../harness/history/timing.js";

const judged = (name: string, ms: number, verdict: Verdict = "passed", rig = "pi", stage = "erase"): Judged => ({
  ...{ name, scenario: "s", rig, verdict },
  stages: new Map([[stage, ms]]),
});
/** Each another case. */
const all = (times: readonly number[]): Judged[] => times.map((ms, index) => judged(`case ${index}`, ms));
/** One case, again and again. */
const again = (times: readonly number[], name = "soak", rig = "pi"): Judged[] =>
  times.map((ms, index) => judged(index === 0 ? name : `${name} #${index + 1}`, ms, "passed", rig));
const times = (count: number, ms: number): number[] =>
  Array.from({ length: count }, (_, at) => ms * (1 + 0.002 * Math.sin(3 * at)));

test.each<[string, Judged[], Judged[], object]>([
  [
    "eight cases show that one stage of one is slower",
    all(times(8, 100)),
    all(times(8, 115)),
    { interval: "95 %", change: "slower", before: { n: 8 } },
  ],
  [
    "seven do not, and are told all the same",
    all(times(7, 100)),
    all(times(7, 115)),
    { interval: "range", change: "slower" },
  ],
  ["a single one, too", all([100]), all([115]), { interval: "range", change: "slower", low: 1.15, high: 1.15 }],
  ["a range with 1 in it is no change", all([100, 100, 100]), all([90, 130, 130]), { interval: "range", ratio: 1.3 }],
  ["nor is one of less than 5 %", all([100, 100]), all([104, 104]), { interval: "range", ratio: 1.04 }],
  ["4 % for sure is small", all(times(9, 100)), all(times(9, 104)), { interval: "95 %", change: "changed, small" }],
  ["faster", all(times(9, 100)), all(times(9, 80)), { change: "faster" }],
  [
    "the repetitions of a case are one",
    again(times(5, 100)),
    again(times(6, 115)),
    { interval: "95 %", change: "slower", before: { n: 5 }, after: { n: 6 } },
  ],
  [
    "each case with itself",
    [...again(times(5, 10), "a"), ...again(times(5, 9000), "b")],
    [...again(times(5, 11), "a"), ...again(times(5, 9900), "b")],
    { interval: "95 %", change: "slower", before: { n: 10 } },
  ],
])("%s", (_, before, now, expected: { change?: string }) => {
  const [found] = timingOf(before, now);
  expect(found).toMatchObject(expected);
  expect(found?.change).toBe(expected.change);
});

test("what did not pass both times, took no time, or has an impossible one, is not compared", () => {
  const before = [judged("a", 100), judged("b", 100, "failed"), judged("c", 0), judged("d", 100), judged("f", -1)];
  const now = [judged("a", 200, "failed"), judged("b", 200), judged("c", 5), judged("e", 1), judged("f", 1e308)];
  expect(timingOf(before, now)).toEqual([]);
});

test("between rigs nothing is compared", () => {
  expect(timingOf(again(times(9, 100)), again(times(9, 200), "soak", "other"))).toEqual([]);
});

describe("a regression is what is slower, and shown to be", () => {
  test.each<[string, number[], number[], boolean]>([
    ["slower", times(9, 100), times(9, 115), true],
    ["slower, of too few", times(5, 100), times(5, 115), false],
    ["a little slower", times(9, 100), times(9, 104), false],
    ["faster", times(9, 100), times(9, 80), false],
    ["the same", times(9, 100), times(9, 100), false],
  ])("%s", (_, before, now, expected) => {
    expect(timingOf(all(before), all(now)).map(isRegression)).toEqual([expected]);
  });
});

test.each(["set-up: erase", "control: erase"])("%s is told, and no regression", (stage) => {
  const [before, now] = [100, 115].map((ms) =>
    times(9, ms).map((each, index) => judged(`case ${index}`, each, "passed", "pi", stage)),
  );
  const found = timingOf(before ?? [], now ?? []);
  expect(found).toMatchObject([{ stage, change: "slower", interval: "95 %" }]);
  expect(found.map(isRegression)).toEqual([false]);
});

test("a run held against itself never changes, and another one the same each time", () => {
  const ms = fc.double({ min: 0.001, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(ms, ms), { minLength: 1, maxLength: 30 }), (pairs) => {
      const [before, now] = [all(pairs.map(([one]) => one)), all(pairs.map(([, other]) => other))];
      const [itself] = timingOf(now, now);
      expect(itself).toMatchObject({ ratio: 1, low: 1, high: 1, p: 1 });
      expect(itself).not.toHaveProperty("change");
      expect(timingOf(before, now)).toEqual(timingOf(before, now));
    }),
    { numRuns: 30 },
  );
});
