import { expect, test } from "@jest/globals";
import type { Fact } from "../../harness/base/events.js";
import { WearBudget } from "../../harness/history/wear-budget.js";

const CHIP = "40827b037742";
const RIG = { name: "bench-1", eraseBudget: 10, chipId: CHIP };
const started = (rig: string): Fact => ({
  ...{ type: "case.started", case: "reflash", scenario: "reflash", rig },
  properties: {},
});
const erased = (more: object = {}): Fact => ({ type: "wear", case: "reflash", chip: CHIP, first: 0, ...more });

test("what the history knows and what this run erases add up, by the most erased sector", () => {
  const past = [
    { chip: CHIP, first: 0, erases: 3 },
    { chip: CHIP, first: 5, sectors: 2, erases: 4 },
    { chip: "another", first: 0, erases: 500 },
  ];
  const budget = new WearBudget([RIG], past);
  budget.hear(started("bench-1"));
  budget.hear(erased());
  budget.hear(erased({ first: 6, sectors: 1 }));
  expect(budget.spent("bench-1")).toBeUndefined();
  budget.hear(erased({ first: 4, sectors: 3 }));
  expect(budget.spent("bench-1")).toBe(
    "module 40827b037742: its most erased sector was erased 10 times (wear.eraseBudget 10)",
  );
});

test("a module whose id nobody wrote down is known by its first erase", () => {
  const budget = new WearBudget([{ ...RIG, chipId: undefined }], [{ chip: CHIP, first: 0, erases: 9 }]);
  expect(budget.spent("bench-1")).toBeUndefined();
  budget.hear(started("bench-1"));
  budget.hear(erased());
  expect(budget.spent("bench-1")).toContain("was erased 10 times");
});

test("what is erased of no case is told with its rig", () => {
  const budget = new WearBudget([RIG], [{ chip: CHIP, first: 0, erases: 9 }]);
  budget.hear({ type: "wear", rig: "bench-1", chip: CHIP, first: 0 });
  expect(budget.spent("bench-1")).toBeDefined();
});

test("a rig that is not counted is never spent", () => {
  const budget = new WearBudget([RIG], [{ chip: CHIP, first: 0, erases: 9 }]);
  budget.hear(started("sim"));
  budget.hear(erased());
  expect([budget.spent("sim"), budget.spent("bench-1")]).toEqual([undefined, undefined]);
});

test("a soak that would go over the budget is refused before it begins", () => {
  const budget = new WearBudget([RIG], [{ chip: CHIP, first: 0, erases: 3 }]);
  expect(() => budget.refuseBeyond(7)).not.toThrow();
  expect(() => budget.refuseBeyond(8)).toThrow(
    "bench-1: module 40827b037742 has taken 3 erases of its most erased sector, and 8 more are over wear.eraseBudget, 10",
  );
});

test("so is one that is longer than the budget by itself, whatever the module", () => {
  const budget = new WearBudget([{ ...RIG, chipId: undefined }], []);
  expect(() => budget.refuseBeyond(11)).toThrow("its module has taken 0 erases");
});

test("a budget that is spent refuses whatever erases", () => {
  const budget = new WearBudget([RIG], [{ chip: CHIP, first: 0, erases: 10 }]);
  expect(() => budget.refuseBeyond(0)).not.toThrow();
  expect(budget.spent("bench-1")).toBeDefined();
});
