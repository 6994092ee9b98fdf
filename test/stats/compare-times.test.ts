import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { medianOf } from "../../harness/base/median.js";
import { randomOf } from "../../harness/base/random.js";
import { bootstrapRatioOfMedians } from "../../harness/stats/bootstrap.js";
import { compareTimes } from "../../harness/stats/compare-times.js";
import { type Group, sortedGroups } from "../../harness/stats/groups.js";
import { medianOfPairs, ratio } from "../../harness/stats/pairs.js";
import { ratioInterval } from "../../harness/stats/ratio-interval.js";

const random = () => randomOf(67, "resamples");
const compared = (stages: Readonly<Record<string, readonly Group[]>>, more: object = {}) =>
  compareTimes(new Map(Object.entries(stages)), { random: random(), ...more });

const same = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);
/** Differing by some thousandths, and in no order. */
const about = (count: number, ms: number): number[] =>
  Array.from({ length: count }, (_, at) => ms * (1 + 0.002 * Math.sin(3 * at)));
const singles = (count: number, before: number, after: number): Group[] =>
  Array.from({ length: count }, (_, at): Group => [[before + at], [after + at]]);

/** Noise of 4 %, and 3 of 100 times are 1.3 to 2 times as long. */
function noisy(draw: () => number, ms: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return ms * Math.exp(0.04 * normal) * (draw() < 0.03 ? 1.3 + 0.7 * draw() : 1);
}
const night = (seed: number, shift: number): Group => {
  const draw = randomOf(seed, "night");
  return [same(30, 100).map((ms) => noisy(draw, ms)), same(30, 100 * shift).map((ms) => noisy(draw, ms))];
};

describe("one stage", () => {
  test.each<[string, Group[], object]>([
    ["slower", [[about(30, 100), about(30, 115)]], { change: "slower", interval: "95 %" }],
    ["faster", [[about(30, 100), about(30, 80)]], { change: "faster", interval: "95 %" }],
    ["by 2 %, surely", [[about(30, 100), about(30, 102)]], { change: "changed, small", interval: "95 %" }],
    [
      "by 5 % and no more",
      [[same(30, 100), same(30, 105)]],
      { change: "changed, small", ratio: 1.05, low: 1.05, shiftMs: 5 },
    ],
    ["not at all", [[about(30, 100), about(30, 100)]], { change: undefined, ratio: 1, p: 1 }],
    ["eight cases that ran once each", singles(8, 100, 120), { change: "slower", interval: "95 %", p: 2 / 2 ** 8 }],
    ["seven say nothing", singles(7, 100, 120), { change: undefined, interval: "range", p: 2 / 2 ** 7, high: 1.2 }],
    ["five against five do", [[about(5, 100), about(5, 120)]], { change: "slower", interval: "95 %" }],
    [
      "a case that ran often in one run alone does not",
      [[[100], about(99, 120)]],
      { change: undefined, interval: "range" },
    ],
    [
      "what there is on one side alone",
      [
        [about(9, 100), about(9, 120)],
        [[], same(9, 1)],
      ],
      { after: { n: 9 }, change: "slower" },
    ],
    ["a time of 0", [[[0, ...about(9, 100)], about(9, 120)]], { before: { n: 9 }, change: "slower" }],
  ])("%s", (_, groups, { change, ...expected }: { change?: string }) => {
    const [row] = compared({ erase: groups });
    expect(row).toMatchObject(expected);
    expect(row?.change).toBe(change);
  });

  test("is told with its times, and the p90 between its neighbours", () => {
    const [row] = compared({
      erase: [
        [
          [1, 2, 3, 4],
          [2, 4, 6, 8],
        ],
      ],
    });
    expect(row).toMatchObject({ before: { n: 4, median: 2.5, p90: 3.7 }, after: { n: 4, median: 5, p90: 7.4 } });
    expect(row).toMatchObject({ interval: "range", low: 0.5, high: 8 });
  });

  test("cases that take very different times are compared each with itself", () => {
    const groups = [10, 500, 40_000].map((ms): Group => [about(10, ms), about(10, 1.1 * ms)]);
    expect(compared({ write: groups })).toMatchObject([{ change: "slower", before: { n: 30 }, after: { n: 30 } }]);
  });
});

test("the more stages, the more is asked of each", () => {
  const groups = singles(9, 100, 120);
  expect(compared({ erase: groups })).toMatchObject([{ change: "slower", interval: "95 %" }]);
  const [row] = compared({ erase: groups, write: groups, verify: groups });
  expect(row).toMatchObject({ interval: "range", p: 6 / 2 ** 9 });
  expect(row).not.toHaveProperty("change");
});

test("nothing to compare has no row", () => {
  expect(compared({})).toEqual([]);
  expect(compared({ erase: [], write: [[[1], []]], verify: [[[0], [5]]] })).toEqual([]);
});

test("nights of 30 with noise and outliers: 10 % more is found, nothing is made up", () => {
  const nights = Array.from({ length: 6 }, (_, seed) => seed);
  const changes = (shift: number) =>
    nights.map((seed) => {
      const stages = ["handshake", "erase", "write", "verify"].map((name, at) => [
        name,
        [night(9 * seed + at, at === 1 ? shift : 1)],
      ]);
      return compared(Object.fromEntries(stages)).flatMap(({ stage, change }) =>
        change ? [`${stage} ${change}`] : [],
      );
    });
  expect(changes(1.1)).toEqual(nights.map(() => ["erase slower"]));
  expect(changes(1)).toEqual(nights.map(() => []));
});

describe("the interval", () => {
  const of = (groups: readonly Group[]) => {
    const sorted = sortedGroups(groups);
    return ratioInterval(sorted, medianOfPairs(sorted, ratio), { random: random() });
  };

  test("is about that of a bootstrap that sorts every resample", () => {
    for (const seed of [1, 2, 3, 4]) {
      const [before, after] = night(seed, 1.1);
      const [quick, slow] = [of([[before, after]]), bootstrapRatioOfMedians(before, after, { random: random() })];
      expect(quick.high - quick.low).toBeLessThan(1.3 * (slow.high - slow.low));
      expect(quick.high - quick.low).toBeGreaterThan(0.6 * (slow.high - slow.low));
      expect(quick.low < slow.high && slow.low < quick.high).toBe(true);
    }
  });

  test("of ratios of one against one is that of the sign test", () => {
    // Of 30 in order, the tenth from either end.
    const { low, high } = of(Array.from({ length: 30 }, (_, at): Group => [[100], [101 + at]]));
    expect(Math.abs(low - 1.1)).toBeLessThan(0.011);
    expect(Math.abs(high - 1.21)).toBeLessThan(0.011);
  });

  test("holds the median, whatever the groups", () => {
    const ms = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.double({ min: 0.001, max: 1e6, noNaN: true }));
    const side = fc.array(ms, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(side, side), { minLength: 1, maxLength: 5 }), (groups) => {
        const [row] = compared({ erase: groups }, { alpha: 0.9 });
        const ratios = groups.flatMap(([before, after]) => before.flatMap((from) => after.map((to) => to / from)));
        const [[before, after] = [[], []], ...others] = groups;
        expect(row?.ratio).toBe(others.length > 0 ? medianOf(ratios) : medianOf(after) / medianOf(before));
        expect(row && row.low <= row.ratio && row.ratio <= row.high).toBe(true);
        expect(Object.values(row ?? {}).filter((value) => Number.isNaN(value))).toEqual([]);
        const turned = groups.map(([before]): Group => [before, before]);
        expect(compared({ erase: turned }, { alpha: 0.9 })).toMatchObject([{ p: 1, shiftMs: 0 }]);
      }),
      { numRuns: 20 },
    );
  });
});

test.each<[number, object]>([
  [Number.NaN, {}],
  [-1, {}],
  [Number.POSITIVE_INFINITY, {}],
  [1, { relevance: 0 }],
  [1, { alpha: 1 }],
  [1, { alpha: Number.NaN }],
])("%d, %j is refused", (ms, more) => {
  expect(() => compared({ erase: [[[1], [ms]]] }, more)).toThrow(RangeError);
});
