import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { medianOf } from "../../harness/base/median.js";
import { randomOf } from "../../harness/base/random.js";
import { bootstrapRatioOfMedians } from "../../harness/stats/bootstrap.js";
import { fisherExact } from "../../harness/stats/fisher.js";
import { holm } from "../../harness/stats/holm.js";
import { hodgesLehmann } from "../../harness/stats/pairs.js";
import { quantileOf } from "../../harness/stats/quantiles.js";
import { digits } from "./support.js";

describe("Fisher's exact test", () => {
  /** SciPy 1.17.1: `fisher_exact`. */
  test.each([
    [0, 300, 5, 295, 0.06145921594617495],
    [0, 300, 6, 294, 0.03047137597331363],
    [3, 1, 1, 3, 0.48571428571428565],
    [1, 9, 11, 3, 0.0027594561852200836],
    [12, 5, 29, 2, 0.08026855207410463],
    [100, 900, 150, 850, 0.0008950875386906894],
    [0, 1000, 1000, 0, 0],
    [0, 10, 0, 10, 1],
    [0, 0, 3, 4, 1],
    [0, 0, 0, 0, 1],
  ])("%i against %i, %i against %i: %d", (a, b, c, d, p) => {
    digits(fisherExact(a, b, c, d), p);
    digits(fisherExact(c, d, a, b), p);
    digits(fisherExact(b, a, d, c), p);
  });

  test("always a probability", () => {
    const count = fc.oneof(fc.nat(20), fc.nat(5000));
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const p = fisherExact(a, b, c, d);
        expect(p >= 0 && p <= 1).toBe(true);
      }),
    );
  });

  test.each([
    [-1, 2, 3, 4],
    [1.5, 2, 3, 4],
    [Number.NaN, 2, 3, 4],
    [1e9, 1, 1, 1],
  ])("%d, %d, %d, %d are refused", (a, b, c, d) => {
    expect(() => fisherExact(a, b, c, d)).toThrow(RangeError);
  });
});

describe("Holm", () => {
  test.each<[number[], number[]]>([
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.5, 0.9],
      [1, 1],
    ],
    [[0.2], [0.2]],
    [[], []],
  ])("%j: %j", (ps, adjusted) => {
    for (const [index, p] of holm(ps).entries()) digits(p, adjusted[index] ?? Number.NaN);
    expect(holm(ps)).toHaveLength(ps.length);
  });

  test.each([-0.1, 1.1, Number.NaN])("%d is no probability", (wrong) => {
    expect(() => holm([0.5, wrong])).toThrow(RangeError);
  });
});

describe("Hodges and Lehmann", () => {
  test("the median of all differences", () => {
    const numbers = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(hodgesLehmann(a, b)).toBe(medianOf(b.flatMap((to) => a.map((from) => to - from))));
      }),
    );
  });

  test("of a million pairs", () => {
    const random = randomOf(1, "pairs");
    const [a, b] = [0, 5].map((shift) => Array.from({ length: 1000 }, () => 100 + random() + shift));
    expect(hodgesLehmann(a ?? [], b ?? [])).toBeCloseTo(5, 1);
  });

  test("of nothing there is none", () => {
    expect(() => hodgesLehmann([], [1])).toThrow(RangeError);
    expect(() => hodgesLehmann([1], [Number.NaN])).toThrow(RangeError);
  });
});

describe("the bootstrap of the ratio of medians", () => {
  const sample = (seed: number, factor: number) => {
    const random = randomOf(seed, "sample");
    return Array.from({ length: 30 }, () => factor * (100 + 10 * random()));
  };
  const interval = (confidence: number) =>
    bootstrapRatioOfMedians(sample(1, 1), sample(2, 1.1), { random: randomOf(3, "draws"), confidence });

  test("the same for the same seed, around the ratio, and wider for more confidence", () => {
    const { low, high } = interval(0.95);
    expect(interval(0.95)).toEqual({ low, high });
    const ratio = medianOf(sample(2, 1.1)) / medianOf(sample(1, 1));
    expect(low < ratio && ratio < high && high - low < 0.1).toBe(true);
    expect(interval(0.5).low).toBeGreaterThan(low);
    expect(interval(0.5).high).toBeLessThan(high);
  });

  test("one against one has no width", () => {
    expect(bootstrapRatioOfMedians([2], [3], { random: () => 0.999 })).toEqual({ low: 1.5, high: 1.5 });
  });

  test.each<[number[], number[], object]>([
    [[], [1], {}],
    [[1], [0], {}],
    [[1], [Number.NaN], {}],
    [[1], [1], { resamples: 0 }],
    [[1], [1], { confidence: 1 }],
  ])("%j, %j, %j is refused", (a, b, more) => {
    expect(() => bootstrapRatioOfMedians(a, b, { random: () => 0, ...more })).toThrow(RangeError);
  });
});

test("a quantile lies between its neighbours", () => {
  expect([0, 0.25, 0.5, 0.9, 1].map((share) => quantileOf([1, 2, 3, 4], share))).toEqual([1, 1.75, 2.5, 3.7, 4]);
  expect(quantileOf([7], 0.9)).toBe(7);
});
