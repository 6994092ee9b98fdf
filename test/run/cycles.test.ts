import { expect, test } from "@jest/globals";
import type { Chosen } from "../../harness/run/lanes/choose.js";
import { inTurn } from "../../harness/run/lanes/cycles.js";

const CASES = ["a", "b", "c", "d", "e"].map(
  (name): Chosen => ({ name, as: name, scenario: "s", tags: [], needs: [], timeoutMs: 1, firmwares: [] }),
);
const taken = (count: number, seed = 1, rig = "bench-1", first = 1, step = 1): string[] => {
  const next = inTurn(CASES, { rig, seed, first, step });
  return Array.from({ length: count }, () => next()?.as ?? "none");
};

test("every case comes once a round, each round in an order of its own", () => {
  const names = taken(5 * 20);
  const rounds = Array.from({ length: 20 }, (_, round) => names.slice(5 * round, 5 * round + 5));
  for (const [round, all] of rounds.entries())
    expect(all.toSorted()).toEqual(CASES.map(({ name }) => (round === 0 ? name : `${name} #${round + 1}`)));
  const orders = rounds.map((all) => all.map((name) => name.slice(0, 1)).join(""));
  expect(new Set(orders).size).toBeGreaterThan(10);
});

test("the seed decides the order, and each rig has its own", () => {
  expect(taken(50, 7)).toEqual(taken(50, 7));
  expect(taken(50, 7)).not.toEqual(taken(50, 8));
  expect(taken(50, 7, "bench-2")).not.toEqual(taken(50, 7));
});

test("rigs that share a run have no name in common", () => {
  const all = [...taken(40, 1, "bench-1", 1, 3), ...taken(40, 1, "bench-2", 2, 3), ...taken(40, 1, "bench-3", 3, 3)];
  expect(new Set(all).size).toBe(120);
});

test("of no cases there is no next one", () => {
  expect(inTurn([], { rig: "bench-1", seed: 1, first: 1, step: 1 })()).toBeUndefined();
});
