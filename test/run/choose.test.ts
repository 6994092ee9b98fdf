import { expect, test } from "@jest/globals";
import { askedBy, choose, isAsked } from "../../harness/run/lanes/choose.js";

const ALL = { patterns: [], suites: [], tags: [], grep: undefined, repeat: 1 };
const one = (name: string, file?: string) => ({
  name,
  scenario: name.split(" ")[0] ?? name,
  ...(file !== undefined && { file }),
  tags: name.startsWith("a") ? ["smoke"] : [],
  needs: [],
  timeoutMs: 1000,
  firmwares: [],
});
const names = (selection: Partial<typeof ALL>) =>
  choose([one("a 1"), one("a 2"), one("b")], { ...ALL, ...selection }).map(({ as }) => as);

test("patterns name scenarios or cases, a suite is a tag, repetitions are rounds", () => {
  expect(names({})).toEqual(["a 1", "a 2", "b"]);
  expect(names({ patterns: ["a"] as never })).toEqual(["a 1", "a 2"]);
  expect(names({ patterns: ["* 2", "b"] as never })).toEqual(["a 2", "b"]);
  expect(names({ suites: ["smoke"] as never })).toEqual(["a 1", "a 2"]);
  expect(names({ grep: /2$/ as never, repeat: 2 })).toEqual(["a 2", "a 2 #2"]);
});

test.each([
  ["two of one name", [one("x", "/one.ts"), one("x", "/two.ts")], 1, /two cases are named "x".*\/one\.ts.*\/two\.ts/],
  ["a label that a repetition takes", [one("x"), one("x #2")], 2, /two cases are named "x #2"/],
  ["a name that is not ASCII", [one("prüfen", "/one.ts")], 1, /\/one\.ts: case "prüfen": a name is printable ASCII/],
])("refused: %s", (_, cases, repeat, told) => {
  expect(() => choose(cases, { ...ALL, repeat })).toThrow(
    expect.objectContaining({ code: "SCENARIO_INVALID", message: expect.stringMatching(told) }),
  );
});

test.each([
  ["nothing", {}, true],
  ["its suite", { suites: ["brick"] }, true],
  ["another suite", { suites: ["smoke"] }, false],
  ["its suite and another tag", { suites: ["brick"], tags: ["slow"] }, false],
  ["one of several suites", { suites: ["smoke", "brick"] }, true],
  ["another suite and a name", { suites: ["smoke"], patterns: ["x"] }, true],
])("a lazy scenario, asked for by %s: whether it tells its cases", (_, selection, told) => {
  const asked = askedBy({ ...ALL, ...selection });
  expect(isAsked({ lazy: true, tags: ["brick"] }, asked)).toBe(told);
  expect(isAsked({ tags: ["brick"] }, asked)).toBe(true);
});
