import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { judgeFixed } from "../../harness/stats/fixed-plan.js";
import { clopperPearsonLower, clopperPearsonUpper } from "../../harness/stats/intervals.js";
import { logLikelihoodRatio } from "../../harness/stats/plan.js";
import { cleanCyclesToAccept, Sprt, type SprtPlan } from "../../harness/stats/sprt.js";

const NIGHTLY = { p0: 0.01, p1: 0.05, alpha: 0.05, beta: 0.05 };

function played(plan: SprtPlan, outcomes: readonly boolean[]): Sprt {
  const sprt = new Sprt(plan);
  for (const failed of outcomes) sprt.add(failed);
  return sprt;
}
const clean = (count: number) => Array.from({ length: count }, () => false);

describe("the sequential test", () => {
  test.each([
    [0.001, 0.01, 326],
    [0.005, 0.02, 194],
    [0.01, 0.05, 72],
    [0.01, 0.03, 145],
  ])("%d against %d: accepted after %i clean cycles, and not before", (p0, p1, cycles) => {
    const plan = { ...NIGHTLY, p0, p1, max: 1000 };
    expect(played(plan, clean(cycles - 1)).decision).toBeUndefined();
    expect(played(plan, clean(cycles))).toMatchObject({ decision: "accept", n: cycles, failures: 0 });
    expect(cleanCyclesToAccept(plan)).toBe(cycles);
  });

  test("two failures at once reject", () => {
    const plan = { ...NIGHTLY, max: 1000 };
    expect(played(plan, [true]).decision).toBeUndefined();
    const { decision, llr, bounds } = played(plan, [true, true]);
    expect({ decision, llr, bounds }).toEqual({
      decision: "reject",
      llr: 2 * Math.log(5),
      bounds: { accept: Math.log(0.05 / 0.95), reject: Math.log(0.95 / 0.05) },
    });
  });

  test("what is not decided by the last cycle stays so; the last cycle may still decide", () => {
    expect(played({ ...NIGHTLY, max: 71 }, clean(71)).decision).toBe("undecided");
    expect(played({ ...NIGHTLY, max: 72 }, clean(72)).decision).toBe("accept");
    expect(() => played({ ...NIGHTLY, max: 71 }, clean(72))).toThrow("the test has ended after 71 cycles");
  });

  test("the order of the cycles counts for nothing but the moment", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (outcomes) => {
        const plan = { p0: 0.4, p1: 0.45, alpha: 0.01, beta: 0.01, max: 1000 };
        const [some, backwards] = [played(plan, outcomes), played(plan, [...outcomes].reverse())];
        expect(some.llr).toBe(backwards.llr);
      }),
    );
  });

  test("the clean cycles are those that the test itself needs", () => {
    const rate = fc.double({ min: 0.001, max: 0.9, noNaN: true });
    const risk = fc.double({ min: 0.001, max: 0.49, noNaN: true });
    fc.assert(
      fc.property(rate, rate, risk, risk, (one, other, alpha, beta) => {
        fc.pre(Math.abs(one - other) > 0.001);
        const plan = { p0: Math.min(one, other), p1: Math.max(one, other), alpha, beta, max: 1e6 };
        const cycles = cleanCyclesToAccept(plan);
        expect(played(plan, clean(cycles)).decision).toBe("accept");
        expect(played(plan, clean(cycles - 1)).decision).toBeUndefined();
      }),
    );
  });

  /** How it ends when each cycle fails with probability `p`: all ways, weighed, and none drawn. */
  function ends(plan: SprtPlan, p: number) {
    const { bounds } = new Sprt(plan);
    const found = { accept: 0, reject: 0, cycles: 0 };
    let open = new Map([[0, 1]]);
    for (let n = 1; n <= plan.max; n++) {
      const next = new Map<number, number>();
      for (const [before, chance] of open) {
        found.cycles += chance;
        for (const [failures, share] of [[before, chance * (1 - p)] as const, [before + 1, chance * p] as const]) {
          const llr = logLikelihoodRatio(failures, n, plan);
          if (llr <= bounds.accept) found.accept += share;
          else if (llr >= bounds.reject) found.reject += share;
          else next.set(failures, (next.get(failures) ?? 0) + share);
        }
      }
      open = next;
    }
    return found;
  }

  /** The cycles: as 4000 simulated tests each had them. */
  test.each([
    [0.001, 0.01, [326, 416, 247, 10]],
    [0.005, 0.02, [194, 337, 240, 15]],
    [0.01, 0.05, [72, 114, 78, 12]],
    [0.01, 0.03, [145, 299, 227, 16]],
  ])("%d against %d: wrong as seldom as asked for, and after about so many cycles", (p0, p1, cycles) => {
    const plan = { ...NIGHTLY, p0, p1, max: 5000 };
    // Wald's bounds: a step goes a little beyond its own.
    expect(ends(plan, p0).reject).toBeLessThan(0.05 / 0.95);
    expect(ends(plan, p1).accept).toBeLessThan(0.05 / 0.95);
    for (const [index, p] of [0, p0, p1, 0.2].entries()) {
      const ratio = ends(plan, p).cycles / (cycles[index] ?? 0);
      expect(ratio).toBeGreaterThan(0.93);
      expect(ratio).toBeLessThan(1.07);
    }
  });

  test("cut off, it is wrong no more often", () => {
    for (const max of [1, 30, 80, 200]) {
      expect(ends({ ...NIGHTLY, max }, 0.01).reject).toBeLessThan(0.05);
      expect(ends({ ...NIGHTLY, max }, 0.05).accept).toBeLessThan(0.05);
    }
  });
});

describe("a fixed number of cycles, judged once", () => {
  const judge = (failures: number, cycles: number, rates: object = {}) =>
    judgeFixed({ ...NIGHTLY, ...rates, failures, cycles });

  test.each([
    [0, 59, "accept"],
    [0, 58, "undecided"],
    [0, 10, "undecided"],
    [0, 0, "undecided"],
    [1, 1, "reject"],
    [1, 10, "undecided"],
    [2, 10, "reject"],
    [10, 10, "reject"],
    [4, 181, "accept"],
    // Both bounds hold: 2.5 % of very many. The likelier of 1 % and 5 % decides.
    [240, 10_000, "accept"],
    [260, 10_000, "reject"],
  ] as const)("%i of %i failed: %s", (failures, cycles, decision) => {
    expect(judge(failures, cycles)).toBe(decision);
  });

  test.each([
    [0.001, 0.01, 628, 2],
    [0.005, 0.02, 523, 5],
    [0.01, 0.05, 181, 4],
    [0.01, 0.03, 521, 9],
  ])("%d against %d: %i cycles with %i failures accept, and no fewer cycles do", (p0, p1, cycles, failures) => {
    expect(judge(failures, cycles, { p0, p1 })).toBe("accept");
    expect(judge(failures, cycles - 1, { p0, p1 })).not.toBe("accept");
  });

  test("it says what the one-sided bounds say", () => {
    const counts = fc.integer({ min: 1, max: 2000 }).chain((n) => fc.tuple(fc.nat(Math.min(n, 100)), fc.constant(n)));
    fc.assert(
      fc.property(counts, ([failures, cycles]) => {
        const [low, high] = [
          clopperPearsonLower(failures, cycles, 0.95) >= 0.01,
          clopperPearsonUpper(failures, cycles, 0.95) <= 0.05,
        ];
        const allowed = { accept: high, reject: low, undecided: !low && !high };
        expect(allowed[judge(failures, cycles)]).toBe(true);
      }),
    );
  });
});

describe("a plan that is none is refused", () => {
  test.each([
    { p0: 0 },
    { p0: 0.05 },
    { p0: 0.06 },
    { p0: Number.NaN },
    { p1: 1 },
    { p1: Number.NaN },
    { alpha: 0 },
    { alpha: 0.5 },
    { beta: 0.5 },
    { beta: Number.NaN },
  ])("%j", (wrong) => {
    const plan = { ...NIGHTLY, ...wrong };
    expect(() => new Sprt({ ...plan, max: 100 })).toThrow(RangeError);
    expect(() => cleanCyclesToAccept(plan)).toThrow(RangeError);
    expect(() => judgeFixed({ ...plan, failures: 0, cycles: 10 })).toThrow(RangeError);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("at most %d cycles", (max) => {
    expect(() => new Sprt({ ...NIGHTLY, max })).toThrow("max: expected a whole number from 1 to");
  });

  test.each([
    [-1, 10],
    [11, 10],
    [0, Number.NaN],
  ])("%d of %d", (failures, cycles) => {
    expect(() => judgeFixed({ ...NIGHTLY, failures, cycles })).toThrow(RangeError);
  });
});
