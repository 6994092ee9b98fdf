import { expect, test } from "@jest/globals";
import { AbFold } from "../../harness/ab/fold.js";
import { cycleName, type Side } from "../../harness/ab/sides.js";
import type { Fact, Verdict } from "../../harness/base/events.js";

const PLAN = { scenario: "flash", a: "t01@2.0.97", b: "t01@2.0.106", cycles: 30, relevance: 0.05, alpha: 0.01 };
const STARTED = { wallTime: "2026-11-28T00:00:00Z", runId: "r", harness: "0", seed: 1, rigs: ["bench-1"], cases: 60 };

/** A cycle that took so many milliseconds. */
function cycle(side: Side, number: number, ms: number, verdict: Verdict = "passed"): Fact[] {
  const place = { case: cycleName(side, "flash", number), scenario: "flash", rig: "bench-1" };
  return [
    { type: "case.started", ...place, properties: {} },
    { type: "stage", case: place.case, stage: "write FW", ms: ms / 2, bytes: side === "a" ? 500 : 550 },
    { type: "stage", case: place.case, stage: "set-up: write FW", ms: 77 },
    { type: "stage", case: place.case, stage: "write FW", ms: ms / 2, bytes: 500 },
    { type: "case.ended", ...place, verdict },
  ];
}

function compared(facts: readonly Fact[], plan = PLAN) {
  const fold = new AbFold();
  fold.hear({ type: "run.started", ...STARTED, ab: plan });
  for (const fact of facts) fold.hear(fact);
  return fold.result();
}
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const cycles = (count: number, ratio: number): Fact[] =>
  numbers(count).flatMap((n) => [...cycle("a", n, 100 + (n % 7)), ...cycle("b", n, ratio * (100 + (n % 7)))]);

test("stages of one name are added up, and what was done beside the case is not counted", () => {
  const result = compared(cycles(30, 1.2));
  expect(result?.stages).toMatchObject([{ stage: "write FW", before: { n: 30, median: 103 }, change: "slower" }]);
  expect(result).toMatchObject({ decision: "regressed", bytes: { "write FW": [1000, 1050] } });
});

test.each([
  [1, "not regressed", undefined],
  [1.2, "regressed", "slower"],
  [0.8, "not regressed", "faster"],
])("times %f as long: %s", (ratio, decision, change) => {
  const result = compared(cycles(30, ratio));
  expect({ decision: result?.decision, change: result?.stages[0]?.change }).toEqual({ decision, change });
});

test("too few cycles tell nothing, however far they are apart", () => {
  expect(compared(cycles(4, 3))?.decision).toBe("too few");
  expect(compared([])?.decision).toBe("too few");
});

test("a comparison that was cut off does not claim what it was to find", () => {
  expect([compared(cycles(19, 1))?.decision, compared(cycles(20, 1))?.decision]).toEqual(["too few", "not regressed"]);
});

test("where not even the largest difference would be shown, nothing is claimed", () => {
  const strict = { ...PLAN, cycles: 8, alpha: 0.0001 };
  expect(compared(cycles(8, 3))?.decision).toBe("regressed");
  expect([compared(cycles(8, 3), strict)?.decision, compared(cycles(8, 1), strict)?.decision]).toEqual([
    "too few",
    "too few",
  ]);
  const untimed = cycles(30, 1).filter(({ type }) => type !== "stage");
  expect(compared(untimed)).toMatchObject({ decision: "too few", a: { cycles: 30 }, stages: [] });
});

test("a journal from outside: a time that is none, and a cycle that passed and never began", () => {
  const odd = (ms: number): Fact => ({ type: "stage", case: cycleName("a", "flash", 1), stage: "boot", ms });
  const [began, ...rest] = cycle("a", 1, 100) as [Fact, ...Fact[]];
  const result = compared([began, odd(-5), ...rest, ...rest, began, odd(1e200), ...rest, ...cycle("b", 1, 100)]);
  expect(result).toMatchObject({ a: { cycles: 2, outside: 1 }, stages: [{ stage: "write FW" }] });
});

test("a cycle that failed has no time, and is told", () => {
  const result = compared([...cycles(30, 1), ...cycle("b", 31, 9000, "failed"), ...cycle("a", 31, 9000, "broken")]);
  expect(result).toMatchObject({
    decision: "failed",
    a: { cycles: 30, failures: 0, outside: 1 },
    b: { cycles: 31, failures: 1, outside: 0 },
    stages: [{ after: { n: 30 } }],
  });
});

test("a run of another kind compares nothing", () => {
  const fold = new AbFold();
  fold.hear({ type: "run.started", ...STARTED });
  for (const fact of cycle("a", 1, 5)) fold.hear(fact);
  expect(fold.result()).toBeUndefined();
});
