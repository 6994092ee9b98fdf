import { expect, test } from "@jest/globals";
import type { StressPlan } from "../../harness/base/events.js";
import { Campaign } from "../../harness/stress/campaign.js";
import type { State } from "../../harness/stress/states.js";

const PLAN: StressPlan = {
  scenario: "reflash",
  method: "sprt",
  ...{ p0: 0.01, p1: 0.05, alpha: 0.05, beta: 0.05, most: 720 },
  counts: "all",
};

const campaign = (states: readonly (State | undefined)[], more: Partial<StressPlan> = {}): Campaign => {
  const made = new Campaign("bench-1", { ...PLAN, ...more });
  for (const state of states) made.add({ state });
  return made;
};
const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

test("72 clean cycles accept, and 71 do not", () => {
  expect(campaign(many(71, "ok")).decision).toBeUndefined();
  const { decision, cycles, failures, bound } = campaign(many(72, "ok")).result();
  expect({ decision, cycles, failures }).toEqual({ decision: "accept", cycles: 72, failures: 0 });
  expect(bound).toBeCloseTo(1 - 0.05 ** (1 / 72), 10);
});

test("two failures at once reject", () => {
  expect(campaign(["failed"]).decision).toBeUndefined();
  expect(campaign(["failed", "recovered"]).decision).toBe("reject");
});

test("the cap leaves it undecided", () => {
  expect(campaign(many(50, "ok"), { most: 50 }).result()).toMatchObject({ decision: "undecided", cycles: 50 });
});

test.each(["ok after retry", "recovered", "failed"] as const)("%s counts as a failure", (state) => {
  expect(campaign([state]).result()).toMatchObject({ failures: 1, states: { [state]: 1 } });
});

test("where bricks alone count, what came back does not, and a claim that did not hold still does", () => {
  const states: State[] = ["ok", "ok after retry", "recovered", "failed"];
  expect(campaign(states, { counts: "bricked" }).result()).toMatchObject({ cycles: 4, failures: 1 });
});

test("a module that nothing brought back is rejected: every further cycle on it fails", () => {
  expect(campaign([...many(30, "ok" as const), "bricked"]).decision).toBe("reject");
});

test("what says nothing of the module is in no number", () => {
  const result = campaign([...many(40, "ok" as const), undefined, undefined, ...many(32, "ok" as const)]).result();
  expect(result).toMatchObject({ decision: "accept", cycles: 72, failures: 0, outside: 2 });
});

test("a cycle that was spoiled afterwards leaves no decision", () => {
  const made = campaign(many(72, "ok"));
  made.spoil();
  expect(made.result().decision).toBe("undecided");
});

test("a fixed number is judged once, behind the last", () => {
  const fixed = { method: "fixed", most: 299 } as const;
  expect(campaign(many(298, "ok"), fixed).decision).toBeUndefined();
  const { decision, bound } = campaign(many(299, "ok"), fixed).result();
  expect(decision).toBe("accept");
  expect((100 * bound).toFixed(3)).toBe("0.997");
});

test("ten clean cycles decide nothing: they prove that less than one in four fails", () => {
  const { decision, bound } = campaign(many(10, "ok"), { method: "fixed", most: 10 }).result();
  expect(decision).toBe("undecided");
  expect(bound).toBeCloseTo(0.2589, 4);
});

test("failures in a row are told: cycles on one module are not independent", () => {
  const states: State[] = ["failed", "ok", "failed", "failed", "ok"];
  expect(campaign(states, { method: "fixed", most: 5 }).result().longestRun).toBe(2);
});

test("without any cycle nothing is known", () => {
  expect(campaign([]).result()).toMatchObject({ decision: "undecided", bound: 1, interval: { low: 0, high: 1 } });
});

test("where one cycle in five says nothing of the module, it may be the module that ends them", () => {
  const some = (outside: number) => campaign([...many(outside, undefined), ...many(72, "ok" as const)]).decision;
  expect([some(3), some(18), some(19), some(71)]).toEqual(["accept", "accept", "undecided", "undecided"]);
});

test("an error that comes to light later takes no rejection back", () => {
  const made = campaign(["failed", "failed"]);
  made.spoil();
  expect(made.decision).toBe("reject");
});
