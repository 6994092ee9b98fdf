import { expect, test } from "@jest/globals";
import { asHarnessError, ERRORS, HarnessError, unfolded } from "../../harness/base/errors.js";

test("every code has a blame and advice that reads as a sentence", () => {
  for (const [code, { advice }] of Object.entries(ERRORS))
    expect([code, advice]).toEqual([code, expect.stringMatching(/^[A-Z`].*\.$/s)]);
});

test("a clean-up that fails comes after what led to it", async () => {
  const work = new HarnessError("NOT_IN_ROM", "bench-1: silent");
  const end = new HarnessError("RIG_NOT_SAFE", "bench-1: stuck");
  const fails: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      throw end;
    },
  };
  const both = async () => {
    await using _ = fails;
    throw work;
  };
  const thrown = await both().catch((error: unknown) => error);
  expect(unfolded(thrown)).toEqual([work, end]);
  expect(asHarnessError(thrown)).toBe(work);
  expect(unfolded(new AggregateError([work, new AggregateError([end])]))).toEqual([work, end]);
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
