import { expect, test } from "@jest/globals";
import { asHarnessError, ERRORS, HarnessError } from "../../harness/base/errors.js";

test("every code has a blame and advice that reads as a sentence", () => {
  for (const [code, { advice }] of Object.entries(ERRORS))
    expect([code, advice]).toEqual([code, expect.stringMatching(/^[A-Z`].*\.$/s)]);
});

test("an error of ours passes, anything else is a bug of ours, with its cause", () => {
  const ours = new HarnessError("NOT_IN_ROM", "bench-1: silent");
  expect(asHarnessError(ours)).toBe(ours);
  const cause = new TypeError("x is not a function");
  expect(asHarnessError(cause)).toMatchObject({
    code: "INTERNAL",
    blame: "harness",
    message: "TypeError: x is not a function",
    cause,
  });
});
