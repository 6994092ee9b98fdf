import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Group } from "../../harness/stats/groups.js";
import { mannWhitney, mannWhitneyIn } from "../../harness/stats/mann-whitney.js";
import { upperTail } from "../../harness/stats/normal.js";
import { digits } from "./support.js";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** SciPy 1.17.1: `mannwhitneyu(a, b)`. */
test.each<[string, number[], number[], number]>([
  ["three against three, all apart", [1, 2, 3], [4, 5, 6], 0.1],
  ["one against one", [1], [2], 1],
  ["five against four, exactly", [19, 22, 16, 29, 24], [20, 11, 17, 12], 0.1111111111111111],
  [
    "eight against twenty, exactly",
    [1, 3, 5, 7, 9, 11, 13, 15],
    upTo(20).map((at) => at * 1.7 + 0.05),
    0.01569509395596352,
  ],
  ["twelve against twelve", upTo(12), upTo(12).map((at) => at + 3.5), 0.040404119588223694],
  [
    "nine against nine, with ties",
    [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3],
    [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
    0.13291945818531892,
  ],
  [
    "ten against ten, hardly anything but ties",
    [100, 100, 100, 100, 100, 101, 101, 101, 101, 101],
    [101, 101, 101, 101, 101, 102, 102, 102, 102, 102],
    0.002357069903963183,
  ],
  ["all alike", [5, 5, 5], [5, 5], 1],
  ["nothing on one side", [], [1, 2, 3], 1],
  ["nothing at all", [], [], 1],
])("%s", (_, a, b, p) => {
  digits(mannWhitney(a, b), p);
  digits(mannWhitney(b, a), p);
});

/** SciPy 1.17.1: `norm.sf(z)`. */
test.each([
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [1.959963984540054, 0.025],
  [2.999, 0.0013543365337271057],
  [3, 0.0013498980316300933],
  [5, 2.866515718791933e-7],
  [8, 6.22096057427174e-16],
  [20, 2.7536241186061556e-89],
  [37, 5.7255712225239266e-300],
])("beyond %d of a normal distribution lies %d", (z, p) => digits(upperTail(z), p, 12));

/** All ways to deal the values of every group into two sides of the same sizes, and how many are as far off as this one. */
function byAllOrders(groups: readonly Group[]): number {
  const above = (before: readonly number[], after: readonly number[]) =>
    before.flatMap((from) => after.map((to) => Math.sign(to - from))).reduce((sum, each) => sum + each, 0);
  let sums = [0];
  for (const [before, after] of groups) {
    const all = [...before, ...after];
    const deals = Array.from({ length: 2 ** all.length }, (_, mask) =>
      all.map((__, index) => ((mask >> index) & 1) === 1),
    );
    const fitting = deals.filter((deal) => deal.filter((isBefore) => isBefore).length === before.length);
    const each = fitting.map((deal) =>
      above(
        all.filter((_, index) => deal[index]),
        all.filter((_, index) => !deal[index]),
      ),
    );
    sums = sums.flatMap((sum) => each.map((more) => sum + more));
  }
  const seen = Math.abs(groups.reduce((sum, [before, after]) => sum + above(before, after), 0));
  return sums.filter((sum) => Math.abs(sum) >= seen).length / sums.length;
}

describe("in groups", () => {
  test("the same as all orders that there are, for few values that differ", () => {
    const sizes = fc.constantFrom(
      [[3, 3]],
      [
        [1, 4],
        [2, 3],
      ],
      [
        [1, 1],
        [1, 1],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 2],
        [2, 2],
        [1, 3],
      ],
    );
    const dealt = sizes.chain((all) => {
      const count = all.flat().reduce((sum, size) => sum + size, 0);
      return fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: count, maxLength: count }).map((values) => {
        const rest = [...values];
        return all.map(([n = 0, m = 0]): Group => [rest.splice(0, n), rest.splice(0, m)]);
      });
    });
    fc.assert(fc.property(dealt, (groups) => digits(mannWhitneyIn(groups), byAllOrders(groups))));
  });

  const ones = (higher: number, lower: number): Group[] =>
    Array.from({ length: higher + lower }, (_, at): Group => (at < higher ? [[at], [at + 1]] : [[at + 1], [at]]));

  test.each([
    [10, 0, 2 / 2 ** 10],
    [9, 1, 22 / 2 ** 10],
    [5, 5, 1],
    [1, 0, 1],
  ])("one against one: the sign test, %i above and %i below", (higher, lower, p) => {
    digits(mannWhitneyIn(ones(higher, lower)), p);
    // What is alike says nothing.
    digits(mannWhitneyIn([...ones(higher, lower), [[7], [7]], [[], [1]]]), p);
  });

  test("many of one against one: the same by the normal distribution", () => {
    digits(mannWhitneyIn(ones(1100, 1000)), 2 * upperTail(49.5 / Math.sqrt(2100 / 4)));
  });

  test("what differs between groups hides nothing and makes up nothing", () => {
    const groups = [100, 2000, 50_000].map(
      (of): Group => [upTo(10).map((at) => of + at), upTo(10).map((at) => of + at + 8)],
    );
    expect(mannWhitneyIn(groups)).toBeLessThan(1e-6);
    expect(
      mannWhitney(
        groups.flatMap(([before]) => before),
        groups.flatMap(([, after]) => after),
      ),
    ).toBeGreaterThan(0.01);
  });

  /** By hand: van Elteren's weights 1/5 and 1/7, u - nm/2 of 2 and 4.5, variances 5/3 and 21/4 (nothing tied). */
  test("groups of different sizes: weighed", () => {
    const groups: Group[] = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ];
    const z = (2 / 5 + 4.5 / 7 - 1 / 14) / Math.sqrt(5 / 3 / 25 + 21 / 4 / 49);
    digits(mannWhitneyIn(groups), 2 * upperTail(z));
  });

  const group = fc.tuple(...[0, 1].map(() => fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 15 })));
  test("a probability, whichever side is which, and whatever unit", () => {
    fc.assert(
      fc.property(fc.array(group, { maxLength: 6 }), (found) => {
        const groups = found.map(([before = [], after = []]): Group => [before, after]);
        const p = mannWhitneyIn(groups);
        expect(p > 0 && p <= 1).toBe(true);
        digits(mannWhitneyIn(groups.map(([before, after]) => [after, before])), p);
        const scaled = (values: readonly number[]) => values.map((value) => 3 * value + 7);
        expect(mannWhitneyIn(groups.map(([before, after]) => [scaled(before), scaled(after)]))).toBe(p);
      }),
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1e301])("%d is refused", (wrong) => {
    expect(() => mannWhitney([1, wrong], [2])).toThrow("before[1]: expected a number from -1e+300 to 1e+300");
    expect(() => mannWhitney([1], [wrong])).toThrow(RangeError);
  });
});
