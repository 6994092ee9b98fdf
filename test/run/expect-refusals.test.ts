import { expect, test } from "@jest/globals";
import { play, type Untyped } from "../support/play.js";

test.each([
  ["a matcher of expect's own is replaced", "extend", [{ toEqual: () => ({ pass: true, message: () => "" }) }]],
  ["what everybody's claims would be held against", "addEqualityTesters", [[() => true]]],
  ["a count that nobody looks at", "assertions", [3]],
])("%s: refused", async (_, name, args) => {
  const { fault } = await play(async (bench) => {
    const claims = bench["expect"] as unknown as Untyped;
    claims[name]?.(...args);
  });
  expect(fault).toMatchObject({ code: "SCENARIO_INVALID", message: expect.stringContaining(`expect.${name}`) });
});

test("a matcher of one's own works", async () => {
  const { verdict } = await play(async ({ expect: own }) => {
    const claims = own as unknown as { extend: (matchers: object) => void } & ((value: unknown) => {
      toBeTheAnswer: () => void;
    });
    claims.extend({ toBeTheAnswer: (value: unknown) => ({ pass: value === 42, message: () => "no" }) });
    claims(42).toBeTheAnswer();
  });
  expect(verdict).toBe("passed");
});
