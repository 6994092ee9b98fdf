import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";

/** As a scenario would meet it: what throws is in a bundle, what judges in a file of its own. */
const blamed = (bundle: string, call: string): unknown => {
  const at = (file: string) => JSON.stringify(pathToFileURL(resolve("dist", file)).href);
  const program = `
    import * as bundle from ${at(bundle)};
    import { outcomeOf } from ${at("harness/run/outcome.js")};
    try { await (async () => bundle.${call})(); } catch (error) {
      console.log(JSON.stringify(outcomeOf(error, new AbortController().signal).fault.code));
    }`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }));
};

test.each([
  ["what a bundle of ours throws is a bug of ours", "harness/bundled/base.js", "hexNumber(undefined)", "INTERNAL"],
  ["what a package throws is what the scenario asked of it", "bundled/zod.js", "z.string().parse(1)", "SCENARIO_THREW"],
])("%s", (_, bundle, call, code) => {
  expect(blamed(bundle, call)).toBe(code);
});
