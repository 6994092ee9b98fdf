import { expect, test } from "@jest/globals";
import { expand } from "../../harness/run/matrix.js";
import { scenario } from "../../harness/run/scenario.js";

test.each([
  ["no label", [{}]],
  ["nothing", [null]],
  ["a label that is no text", [{ label: 3 }]],
  ["firmwares that are no list", [{ label: "a", firmwares: 3 }]],
])("a parameter of %s: refused", (_, parameters) => {
  const own = scenario({ name: "one", parameters: () => parameters as never, run: async () => undefined });
  expect(() => expand(own, { firmwares: [] }, undefined)).toThrow(/^one: parameters: expected \{ label/);
});

test("parameters without end: refused", () => {
  const endless = function* () {
    for (let label = 0; ; label++) yield { label: String(label) };
  };
  const own = scenario({ name: "one", parameters: endless, run: async () => undefined });
  expect(() => expand(own, { firmwares: [] }, undefined)).toThrow("one: parameters: expected 100000 of them at most");
});
