import { expect, test } from "@jest/globals";
import type { StrapPoint, StrapResult, StrapTiming } from "../../harness/base/strap-timing.js";
import type { Row } from "../../reports/row.js";
import { strapMapOf } from "../../reports/strap-map.js";
import { strapMapLines } from "../../reports/strap-map-text.js";

const WORKING: StrapTiming = { resetMs: 100, setupMs: 100, holdMs: 100, delayMs: 100 };

function tried(timing: Partial<StrapTiming>, result: StrapResult, more: Partial<StrapPoint> = {}): StrapPoint {
  const asked = { ...WORKING, ...timing };
  const working = Object.keys(timing).length === 0;
  return { asked, held: asked, withinMs: 0, working, result, observed: true, evidence: `it was ${result}`, ...more };
}

const rowsOf = (points: readonly StrapPoint[]): Row[] => points.map((point) => ({ straps: [point] }) as unknown as Row);
const mapOf = (...points: StrapPoint[]) => strapMapOf(rowsOf(points));

test("a run without any point has no map", () => {
  expect(strapMapOf([{} as Row])).toBeUndefined();
});

test("margins: the last success on each side, and what comes behind it", () => {
  const map = mapOf(
    tried({ resetMs: 0.2 }, "normal"),
    tried({ resetMs: 200 }, "success"),
    tried({ resetMs: 0.5 }, "success"),
    tried({}, "success"),
    tried({ holdMs: 50 }, "reset"),
    tried({ holdMs: 0 }, "success"),
    tried({ delayMs: 150 }, "success"),
    tried({ delayMs: 120 }, "normal"),
    tried({ resetMs: 7, holdMs: 7 }, "normal"),
  );
  expect(map?.working?.asked).toEqual(WORKING);
  expect(map?.margins).toEqual({
    resetMs: {
      below: { succeeds: 0.5, fails: 0.2, result: "normal" },
      above: { succeeds: 200, fails: null, result: null },
    },
    setupMs: { below: null, above: null },
    // An island of success behind a failure is no margin.
    holdMs: { below: { succeeds: 100, fails: 50, result: "reset" }, above: null },
    delayMs: { below: null, above: { succeeds: 100, fails: 120, result: "normal" } },
  });
});

test("a point that came out in different ways counts as the worst, and tells how often", () => {
  const map = mapOf(
    tried({}, "success"),
    tried({ resetMs: 1 }, "success"),
    tried({ resetMs: 1 }, "normal", { observed: false }),
    tried({ resetMs: 1 }, "reset"),
  );
  expect(map?.points[0]).toMatchObject({
    result: "normal",
    tries: 3,
    results: { success: 1, reset: 1, normal: 1 },
    observed: false,
    evidence: "it was normal",
  });
  expect(map?.margins?.resetMs.below).toEqual({ succeeds: 100, fails: 1, result: "normal" });
  expect(strapMapLines(map ?? never()).join("\n")).toContain("resetMs  1 ?1/3  100 [#]");
});

test("where the working point is no success there are no margins", () => {
  expect(mapOf(tried({}, "success"), tried({}, "reset"), tried({ resetMs: 1 }, "success"))?.margins).toBeNull();
  const cutOff = mapOf(tried({ resetMs: 1 }, "success"));
  expect(cutOff).toMatchObject({ working: null, margins: null });
  expect(strapMapLines(cutOff ?? never())[0]).toContain("the working point was not judged");
});

test("two axes are drawn as a grid, more of them as grids", () => {
  const grid = [0, 1].flatMap((holdMs) =>
    [5, 10].map((resetMs) => tried({ holdMs, resetMs }, holdMs === 0 ? "reset" : "success")),
  );
  expect(strapMapLines(mapOf(tried({}, "success"), ...grid) ?? never())).toEqual(
    expect.arrayContaining(["resetMs \\ holdMs  0  1  100", "5                 r  #", "100                     [#]"]),
  );
  const cube = grid.flatMap((point) => [0, 1].map((delayMs) => ({ ...point, asked: { ...point.asked, delayMs } })));
  const lines = strapMapLines(mapOf(tried({}, "success"), ...cube) ?? never());
  expect(lines.filter((line) => /^delayMs \d+:$/.test(line))).toEqual(["delayMs 0:", "delayMs 1:", "delayMs 100:"]);
});

test("what was not held as asked for is told", () => {
  const held = { ...WORKING, resetMs: 0.9 };
  const map = mapOf(tried({}, "success"), tried({ resetMs: 0.05 }, "success", { held, withinMs: 0.2 }));
  expect(strapMapLines(map ?? never())).toContain("  resetMs 0.05: held 0.9 to 0.9, and up to 0.2 more");
});

function never(): never {
  throw new Error("no map");
}
