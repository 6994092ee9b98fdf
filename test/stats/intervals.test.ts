import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { atLeast, atMost } from "../../harness/stats/binomial.js";
import { clopperPearson, clopperPearsonLower, clopperPearsonUpper, wilson } from "../../harness/stats/intervals.js";
import { digits } from "./support.js";

/** SciPy 1.17.1: `beta.ppf`, and `binomtest(k, n).proportion_ci(0.95, "wilson")`. */
test.each([
  [81, 263, 0.252736745585, 0.367621922601, 0.255288519878, 0.366209576983, 0.358178495576],
  [1, 10, 0.00252857854446, 0.445016117028, 0.0178762130951, 0.404150026795, 0.394163302437],
  [0, 10, 0, 0.308497107819, 0, 0.277532799863, 0.258865550893],
  [0, 50, 0, 0.0711217364642, 0, 0.0713475991334, 0.058155079117],
  [0, 100, 0, 0.0362166926452, 0, 0.036993498207, 0.029513049607],
  [0, 299, 0, 0.0122615959075, 0, 0.0126847190462, 0.0099691467929],
  [0, 1000, 0, 0.00368208389687, 0, 0.00382675848556, 0.0029912495451],
  [1, 100, 0.000253146032977, 0.0544593853921, 0.00176743206414, 0.0544861961787, 0.0465598114535],
  [1, 300, 8.43891323178e-5, 0.0184312520481, 0.000588657721851, 0.0186366936945, 0.0157145548916],
  [3, 200, 0.00310410762155, 0.0432082819177, 0.00511423779326, 0.0431657287927, 0.0383097084986],
  [5, 500, 0.00325472140702, 0.0231813880697, 0.00427875389659, 0.0231930997557, 0.0209103229423],
  [7, 3000, 0.000938619580712, 0.00480161270856, 0.00113073209064, 0.00480881534064, 0.00437821443728],
  [2990, 3000, 0.993878452222, 0.99840041545, 0.993874644028, 0.998188366238, 0.998190452622],
  [10, 10, 0.691502892181, 1, 0.722467200137, 1, 1],
])("%i of %i failed: to ten digits", (failures, n, cpLow, cpHigh, wilsonLow, wilsonHigh, upper) => {
  digits(clopperPearson(failures, n, 0.95).low, cpLow);
  digits(clopperPearson(failures, n, 0.95).high, cpHigh);
  digits(wilson(failures, n, 0.95).low, wilsonLow);
  digits(wilson(failures, n, 0.95).high, wilsonHigh);
  digits(clopperPearsonUpper(failures, n, 0.95), upper);
});

test("nothing was tried: nothing is known", () => {
  for (const interval of [wilson, clopperPearson]) expect(interval(0, 0, 0.95)).toEqual({ low: 0, high: 1 });
  expect([clopperPearsonLower(0, 0, 0.9), clopperPearsonUpper(0, 0, 0.9)]).toEqual([0, 1]);
});

/** ln(1 - C) / ln R */
test.each([
  [0.05, 59],
  [0.01, 299],
  [0.005, 598],
  [0.001, 2995],
])("failures below %d with 95 %% confidence: shown by %i clean cycles, and by no fewer", (rate, cycles) => {
  expect(clopperPearsonUpper(0, cycles, 0.95)).toBeLessThanOrEqual(rate);
  expect(clopperPearsonUpper(0, cycles - 1, 0.95)).toBeGreaterThan(rate);
});

const failuresOf = fc.integer({ min: 1, max: 3000 }).chain((n) => fc.tuple(fc.nat(n), fc.constant(n)));
const confidences = fc.oneof(
  fc.constantFrom(0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1 - 1e-6, 1 - 1e-9),
  fc.double({ min: 0.01, max: 0.99, noNaN: true }),
);

/** Another way: every term by logarithms of factorials, added up, and the range halved until it is none. */
const FACTORIALS = [0];
for (let n = 1; n <= 3000; n++) FACTORIALS.push((FACTORIALS[n - 1] ?? 0) + Math.log(n));
const logChoose = (n: number, k: number) => (FACTORIALS[n] ?? 0) - (FACTORIALS[k] ?? 0) - (FACTORIALS[n - k] ?? 0);

function slowly(first: number, last: number, n: number, p: number): number {
  let sum = 0;
  for (let k = first; k <= last; k++) sum += Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
  return sum;
}

function halved(isBelow: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return low;
}

test("the exact bounds are where the tails of the binomial distribution have it, up to 3000 cycles", () => {
  fc.assert(
    fc.property(failuresOf, confidences, ([failures, n], confidence) => {
      const tail = 1 - confidence;
      const upper = halved((p) => slowly(0, failures, n, p) > tail);
      const lower = halved((p) => slowly(failures, n, n, p) < tail);
      if (failures < n) digits(clopperPearsonUpper(failures, n, confidence), upper, 9);
      if (failures > 0) digits(clopperPearsonLower(failures, n, confidence), lower, 9);
    }),
    { numRuns: 30 },
  );
});

test("the bounds hold the rate, and part as the confidence grows", () => {
  fc.assert(
    fc.property(failuresOf, confidences, ([failures, n], confidence) => {
      for (const interval of [wilson, clopperPearson]) {
        const { low, high } = interval(failures, n, confidence);
        expect(0 <= low && low <= high && high <= 1).toBe(true);
        const wider = interval(failures, n, (1 + confidence) / 2);
        expect(wider.low <= low && high <= wider.high).toBe(true);
      }
      expect(wilson(failures, n, confidence).low).toBeLessThanOrEqual(failures / n);
      expect(wilson(failures, n, confidence).high).toBeGreaterThanOrEqual(failures / n);
      // What fails of the one passes of the other.
      const mirrored = clopperPearson(n - failures, n, confidence);
      expect(clopperPearson(failures, n, confidence).low).toBeCloseTo(1 - mirrored.high, 12);
    }),
  );
});

/** SciPy 1.17.1: `binom.cdf(k, n, p)` and `binom.sf(k - 1, n, p)`. */
test.each([
  [3, 10, 0.3, 0.6496107184, 0.6172172136],
  [0, 59, 0.05, 0.04849452524942322, 1],
  [2, 628, 0.01, 0.049790154540287915, 0.986670881667808],
  [1500, 3000, 0.45, 0.9999999820301052, 2.2101655290789016e-8],
  [10, 1_000_000, 1e-6, 0.9999999899526898, 1.1142142328861856e-7],
  [70, 1000, 0.05, 0.9976696994523914, 0.0034743586988460833],
  [500_000, 1_000_000, 0.5, 0.5003989421806654, 0.5003989421806654],
])("the tails at %i of %i with %d", (k, n, p, most, least) => {
  digits(atMost(k, n, p), most, 11);
  digits(atLeast(k, n, p), least, 11);
});

describe("what is no count and no confidence is refused", () => {
  const functions = [wilson, clopperPearson, clopperPearsonUpper, clopperPearsonLower];
  test.each([
    [-1, 10, 0.95],
    [11, 10, 0.95],
    [0.5, 10, 0.95],
    [Number.NaN, 10, 0.95],
    [0, -1, 0.95],
    [0, 1.5, 0.95],
    [0, Number.NaN, 0.95],
    [0, Number.POSITIVE_INFINITY, 0.95],
    [0, 2e9, 0.95],
    [1, 10, 0],
    [1, 10, 1],
    [1, 10, 95],
    [1, 10, Number.NaN],
  ])("%d of %d at %d", (failures, n, confidence) => {
    for (const interval of functions) expect(() => interval(failures, n, confidence)).toThrow(RangeError);
  });

  test("by its name", () => {
    expect(() => wilson(11, 10, 0.95)).toThrow("k: expected a whole number from 0 to 10; got 11");
    expect(() => wilson(1, 10, 95)).toThrow("confidence: expected a number between 0 and 1; got 95");
  });
});
