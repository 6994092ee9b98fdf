import { expect, test } from "@jest/globals";
import { SmallPackage } from "../firmware/small-package.js";
import { st67hil } from "../support/cli.js";
import { readRun } from "../support/lane-run.js";
import { scratch } from "../support/scratch.js";

test("the suite passes on the simulated module, whatever it begins with", async () => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const out = folder.file("run");
  const { code } = await st67hil(["run", "--suite", "stress", "--firmware", pkg.dir, "--out", out]);
  const verdicts = [...readRun(out).cases].map(([name, { verdict }]) => `${name}: ${verdict}`);
  expect([code, verdicts.filter((each) => !each.endsWith(": passed"))]).toEqual([0, []]);
  expect(verdicts.length).toBe(3 + 1 + 4 + 6 + 4 + 12);
});

test("what may cost a module needs one that may be lost; what hardware cannot do needs faults", async () => {
  const { stdout } = await st67hil(["list", "--suite", "stress", "--json"]);
  const cases = JSON.parse(stdout) as { name: string; needs: string[] }[];
  const needs = new Map(cases.map((each) => [each.name.split(" ")[0], each.needs.filter((need) => need !== "power")]));
  expect(Object.fromEntries(needs)).toEqual({
    reflash: [],
    "round-trip": [],
    "random-power-cut": ["sacrificial", "lines"],
    "noisy-line": ["faults"],
    "hot-flash": ["faults"],
    "long-idle": [],
  });
  const byPower = cases.filter((each) => each.needs.includes("power")).map(({ name }) => name.split(" ").slice(-2));
  expect(byPower).toEqual(byPower.map(() => ["by", "power"]));
});
