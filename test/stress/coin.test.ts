import { expect, test } from "@jest/globals";
import { NIGHTLY, toss } from "../support/campaigns.js";

test("the risks are what the plan says, and the cycles as few", () => {
  expect(toss(NIGHTLY, 1000, 1).flatMap(({ wrong }) => wrong)).toEqual([]);
});
