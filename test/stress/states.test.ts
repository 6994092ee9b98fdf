import { expect, test } from "@jest/globals";
import type { Fact } from "../../harness/base/events.js";
import { Cycles } from "../../harness/stress/states.js";

const PLACE = { case: "reflash t01@2.0.106 #3", scenario: "reflash", rig: "bench-1" };
const STARTED: Fact = { type: "case.started", ...PLACE, properties: {} };
const recovered = (state: string, rung: number): Fact => ({ type: "recovered", case: PLACE.case, state, rung });
const NOTE = { type: "note", case: PLACE.case, message: "nothing came in 30000 ms" } as const;
const again: Fact = { ...NOTE, trouble: true, again: true };
const ended = (verdict: "passed" | "failed" | "broken" | "skipped" | "aborted", code?: "MODULE_BRICKED"): Fact => ({
  ...{ type: "case.ended", ...PLACE, verdict },
  ...(code !== undefined && { fault: { code, blame: "module", message: "", advice: "" } }),
});

const cycleOf = (...facts: Fact[]) => {
  const cycles = new Cycles();
  const { state, rung, unproven } =
    [STARTED, ...facts].map((fact) => cycles.hear(fact)).find((cycle) => cycle !== undefined) ?? {};
  return { state, rung, unproven };
};

test.each<[string, Fact[], object]>([
  ["a pass is ok", [ended("passed")], { state: "ok" }],
  [
    "what could not be seen is told",
    [{ ...ended("passed"), reason: "no banner" } as Fact],
    { state: "ok", unproven: true },
  ],
  ["asked again", [recovered("ok after retry", 1), ended("passed")], { state: "ok after retry", rung: 1 }],
  ["begun again", [again, ended("passed")], { state: "ok after retry" }],
  [
    "begun again, and then a rung",
    [again, recovered("recovered", 3), ended("passed")],
    { state: "recovered", rung: 3 },
  ],
  [
    "a rung, and then begun again",
    [recovered("ok after retry", 2), again, ended("passed")],
    { state: "ok after retry", rung: 2 },
  ],
  ["other trouble", [{ ...NOTE, trouble: true }, ended("passed")], { state: "ok" }],
  ["a higher rung", [recovered("recovered", 5), ended("passed")], { state: "recovered", rung: 5 }],
  [
    "the worst counts, whatever came after it",
    [recovered("recovered", 3), recovered("recovered", 5), recovered("ok after retry", 2), ended("passed")],
    { state: "recovered", rung: 5 },
  ],
  ["the claim did not hold", [recovered("recovered", 3), ended("failed")], { state: "failed" }],
  ["nothing helped", [recovered("bricked", 8), ended("failed", "MODULE_BRICKED")], { state: "bricked" }],
  ["the scenario went on after a brick", [recovered("bricked", 8), ended("passed")], { state: "recovered", rung: 8 }],
  ["the rig's fault", [recovered("ok after retry", 1), ended("broken")], { state: undefined }],
  ["skipped", [ended("skipped")], { state: undefined }],
  ["called off", [ended("aborted")], { state: undefined }],
  ["a state of another version", [recovered("singed", 4), ended("passed")], { state: "ok" }],
])("%s", (_, facts, expected) => {
  expect(cycleOf(...facts)).toEqual(expected);
});

test("a pass that nothing began says nothing", () => {
  const cycles = new Cycles();
  for (const fact of [STARTED, ended("passed")]) cycles.hear(fact);
  expect(cycles.hear(ended("passed"))).toMatchObject({ state: undefined });
});
