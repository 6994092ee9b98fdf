import { expect, test } from "@jest/globals";
import { SmallPackage } from "../firmware/small-package.js";
import { st67hil } from "../support/cli.js";
import { type LaneRun, readRun } from "../support/lane-run.js";
import { type Scratch, scratch } from "../support/scratch.js";

async function brick(folder: Scratch, pkg: SmallPackage, ...args: string[]): Promise<LaneRun> {
  const out = folder.file("run");
  const ended = await st67hil(["run", "--suite", "brick", "--firmware", pkg.dir, "--out", out, ...args]);
  return { ...ended, out, ...readRun(out) };
}

const blames = ({ events }: LaneRun) =>
  new Set(events.flatMap(({ fault }) => (fault === undefined ? [] : [(fault as { blame: string }).blame])));
const counts = ({ cases }: LaneRun) => {
  const verdicts = [...cases.values()].map(({ verdict }) => verdict);
  return Object.fromEntries(
    [...new Set(verdicts)].map((each) => [each, verdicts.filter((one) => one === each).length]),
  );
};

test("every stage, every cause, every operation, wrong contents, the quirk: all comes back", async () => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const run = await brick(folder, pkg);
  expect([run.code, Object.keys(counts(run))]).toEqual([0, ["passed"]]);
  const scenarios = new Set(run.events.map(({ scenario }) => scenario).filter((each) => each !== undefined));
  expect([...scenarios].sort()).toEqual([
    ...["bad-tables", "boot2-erased", "damaged-image", "interrupt", "power-cut", "refused-image"],
    ...["stale-table", "strapless-entry", "t01-quirk"],
  ]);
  expect([...run.cases.keys()].filter((name) => name.startsWith("interrupt"))).toHaveLength(2 * 18 * 5);
});

test.each([
  ["sim.quirks.flashFails=true", "COMMAND_REFUSED"],
  ["sim.jedec=ffffff", "FLASH_UNREACHED"],
])(
  "a module with a dead flash (%s) is bricked, with what was tried and seen, and nothing else is tried on it",
  async (set, seen) => {
    using folder = scratch();
    using pkg = new SmallPackage();
    const run = await brick(folder, pkg, "--set", set);
    const { failed, skipped = 0, ...others } = counts(run);
    expect([run.code, failed, others]).toEqual([1, 1, {}]);
    expect(skipped).toBeGreaterThan(100);
    const [first] = [...run.cases.values()].filter(({ verdict }) => verdict === "failed");
    expect(first?.type).toBe("MODULE_BRICKED");
    expect(first?.text).toMatch(
      new RegExp(
        `tried: .*7 whole-chip erase.*: did not help; 8 reference firmware: did not help; seen at last: ${seen}`,
      ),
    );
    expect(run.stdout).toContain(
      "skipped  interrupt t01@2.0.106 handshake by chip-en (the module of sim is bricked since",
    );
  },
);

test.each([
  ["sim.link.maxBaud=1000000", "link", "LINK_TOO_SLOW"],
  ["sim.wiring.txRx=open", "rig", "NOT_IN_ROM"],
  ["sim.locked=false", "config", "MODULE_UNLOCKED"],
])("what is not the module's (%s) is never called that", async (set, blame, code) => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const run = await brick(folder, pkg, "--set", set, "--grep", "quirk|erase by|boot2-erased|program 9$");
  expect([run.code, Object.keys(counts(run))]).toEqual([2, ["broken"]]);
  expect([...blames(run)]).toEqual([blame]);
  expect(new Set([...run.cases.values()].map(({ type }) => type))).toEqual(new Set([code]));
});

test("a module that refuses to be flashed over T01 comes back by the whole-chip erase, wherever it is interrupted", async () => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const run = await brick(
    folder,
    pkg,
    "--set",
    "sim.quirks.t01Reflash=true",
    "--grep",
    "interrupt t01.*(50% by|boot by)",
  );
  expect([run.code, Object.keys(counts(run))]).toEqual([0, ["passed"]]);
  expect(run.events.filter(({ type, rung }) => type === "recovered" && rung === 7).length).toBeGreaterThan(10);
});

test.each([
  "{ at: { stage: erase, fraction: 0.37 }, do: cutPower }",
  "{ at: { stage: program, nth: 20, fraction: 0.9 }, do: reset }",
  "{ at: { command: flashSetPara, nth: 3 }, do: silent, count: 2 }",
  "{ at: { byte: 60000, dir: host }, do: flip, count: 200, probability: 0.02 }",
])("what nobody has listed, %s, behaves as what was", async (fault) => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const run = await brick(folder, pkg, "--set", `sim.faults=[${fault}]`, "--grep", "t01-quirk|interrupt t01.*by power");
  expect([run.code, Object.keys(counts(run))]).toEqual([0, ["passed"]]);
});

test("every case of the suite needs a module that may be lost", async () => {
  const listed = await st67hil(["list", "--suite", "brick", "--json"]);
  const cases = JSON.parse(listed.stdout) as { name: string; needs: string[] }[];
  expect(cases.filter(({ needs }) => !needs.includes("sacrificial") && !needs.includes("faults"))).toEqual([]);
  expect(cases.length).toBeGreaterThan(500);
});
