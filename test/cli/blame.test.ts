import { expect, test } from "@jest/globals";
import { blamed } from "../support/blamed.js";

/** As a scenario would meet it: what throws is in a bundle, what judges in a file of its own. */
test.each([
  ["what a bundle of ours throws is a bug of ours", "harness/bundled/base.js", "hexNumber(undefined)", "INTERNAL"],
  ["what a package throws is what the scenario asked of it", "bundled/zod.js", "z.string().parse(1)", "SCENARIO_THREW"],
])("%s", (_, bundle, call, code) => {
  expect(blamed(bundle, call)).toMatchObject({ code });
});
