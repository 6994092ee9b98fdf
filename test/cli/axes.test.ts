import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { isSameTiming, type StrapTiming } from "../../harness/base/strap-timing.js";
import { axesOf } from "../../harness/cli/options/axes.js";
import { pointsOf } from "../../harness/cli/sweep/points.js";

const WORKING: StrapTiming = { resetMs: 100, setupMs: 100, holdMs: 100, delayMs: 100 };

describe("--axis", () => {
  test.each<[string, number[]]>([
    ["resetMs=5,10,50", [5, 10, 50]],
    ["resetMs=50,5,5", [5, 50]],
    ["resetMs=0", [0]],
    ["resetMs=0.05", [0.05]],
    ["resetMs=10..20:3", [10, 15, 20]],
    ["resetMs=0..200:5", [0, 50, 100, 150, 200]],
    ["resetMs=0.1..100:4", [0.1, 1, 10, 100]],
    ["resetMs=5..200:10", [5, 7.533, 11.35, 17.1, 25.76, 38.82, 58.48, 88.11, 132.7, 200]],
    ["resetMs=1000..1001:3", [1000, 1000.5, 1001]],
    ["resetMs=0..1:4", [0, 0.333, 0.667, 1]],
    ["resetMs=7..9:1", [7]],
    ["resetMs=7..7:3", [7]],
    ["resetMs=1.2345..2.3456:2", [1.2345, 2.3456]],
  ])("%s", (text, values) => {
    expect(axesOf([text])).toEqual(new Map([["resetMs", values]]));
  });

  test.each<[string[], string]>([
    [
      ["restMs=5"],
      'there is no axis "restMs": expected one of resetMs, setupMs, holdMs, delayMs; did you mean resetMs?',
    ],
    [["5..200:10"], "expected resetMs, setupMs, holdMs, delayMs with values"],
    [["resetMs"], "with values"],
    [["resetMs="], 'expected milliseconds, 0 or from 0.001 to 10000, got ""'],
    [["resetMs=5,,6"], 'got ""'],
    [["resetMs=-1"], 'got "-1"'],
    [["resetMs=NaN"], 'got "NaN"'],
    [["resetMs=Infinity"], 'got "Infinity"'],
    [["resetMs=1e3"], 'got "1e3"'],
    [["resetMs=0.0001"], 'got "0.0001"'],
    [["resetMs=10001"], 'got "10001"'],
    [["resetMs=5ms"], 'got "5ms"'],
    [["resetMs=5..200"], "expected how many values behind a colon, from 1 to 1000"],
    [["resetMs=5..200:0"], "from 1 to 1000"],
    [["resetMs=5..200:1001"], "from 1 to 1000"],
    [["resetMs=5..200:1.5"], "from 1 to 1000"],
    [["resetMs=200..5:10"], "a range goes upwards: 5..200"],
    [["resetMs=..5:2"], 'got ""'],
    [["resetMs=5..6..7:2"], 'got "6..7"'],
    [["resetMs=5", "resetMs=6"], "resetMs is given twice"],
  ])("%j is refused", (texts, told) => {
    const refused = expect(() => axesOf(texts));
    refused.toThrow(told);
    refused.toThrow(expect.objectContaining({ code: "USAGE" }));
  });

  test("whatever is given, there are values in their order, or a refusal", () => {
    const piece = fc.oneof(fc.constantFrom("..", ":", ",", "=", "resetMs", "holdMs", "-"), fc.nat(20_000).map(String));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 8 }).map((all) => `resetMs=${all.join("")}`),
          fc.string(),
        ),
        (text) => {
          try {
            for (const values of axesOf([text]).values()) {
              expect(values.length).toBeGreaterThan(0);
              expect(values.every((value, at) => value >= 0 && value <= 10_000 && value > (values[at - 1] ?? -1))).toBe(
                true,
              );
            }
          } catch (error) {
            if (!(error instanceof HarnessError)) throw error;
          }
        },
      ),
    );
  });

  test("a range has its ends and goes upwards", () => {
    const ms = fc
      .double({ min: 0.001, max: 10_000, noNaN: true })
      .map((value) => Math.max(0.001, Number(value.toFixed(3))));
    fc.assert(
      fc.property(ms, ms, fc.integer({ min: 2, max: 1000 }), (one, other, count) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const values = axesOf([`delayMs=${from}..${to}:${count}`]).get("delayMs") ?? [];
        expect([values[0], values.at(-1)]).toEqual([from, to]);
        expect(values.length).toBeLessThanOrEqual(count);
      }),
    );
  });
});

describe("points", () => {
  const points = (texts: string[], seed = 1, repeat = 1) => pointsOf(axesOf(texts), WORKING, seed, repeat);

  test("without an axis: lines through the working point, from below 1 ms on", () => {
    const all = points([]);
    expect(all.length).toBeGreaterThan(35);
    expect(all.length).toBeLessThan(50);
    const differences = all.map((point) =>
      Object.entries(point).filter(([axis, ms]) => ms !== WORKING[axis as "resetMs"]),
    );
    expect(differences.every(({ length }) => length <= 1)).toBe(true);
    expect(all.filter(({ resetMs }) => resetMs > 0 && resetMs < 1).length).toBeGreaterThan(2);
  });

  test("axes make a grid, with the working point's own values among them", () => {
    expect(points(["resetMs=5,10", "holdMs=0,1,100"])).toHaveLength(9);
    expect(points(["resetMs=100"])).toEqual([WORKING]);
  });

  test("each point once, the working one among them, in an order that is the seed's", () => {
    for (const texts of [[], ["resetMs=1..5:5", "delayMs=0,100"]]) {
      const all = points(texts);
      expect(new Set(all.map((point) => JSON.stringify(point))).size).toBe(all.length);
      expect(all.filter((point) => isSameTiming(point, WORKING))).toHaveLength(1);
      expect(points(texts)).toEqual(all);
      expect(points(texts, 2)).not.toEqual(all);
      expect(points(texts, 2)).toEqual(expect.arrayContaining(all));
    }
  });

  test("too many are refused, rounds counted", () => {
    expect(points(["resetMs=1..1000:999"], 1, 10)).toHaveLength(1000);
    expect(() => points(["resetMs=1..1000:999"], 1, 11)).toThrow("make 11000 points, expected 10000 at most");
    expect(() => points(["resetMs=1..99:99", "holdMs=0..99:99", "delayMs=0,1"])).toThrow("expected 10000 at most");
  });
});
