import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { imageName, type Profile } from "../../harness/firmware/names.js";
import { firmwareOf, SmallPackage } from "../firmware/small-package.js";
import { st67hil } from "../support/cli.js";
import { type LaneRun, readRun } from "../support/lane-run.js";
import { type Scratch, scratch } from "../support/scratch.js";

/** t01 and t02, 2.0.97 and 2.0.106: 16 edges. */
function fourFirmwares(): SmallPackage {
  const pkg = new SmallPackage();
  pkg.write(imageName("t02", "2.0.97"), firmwareOf("t02", "2.0.97"));
  return pkg;
}

async function night(folder: Scratch, pkg: SmallPackage, args: readonly string[] = [], name = "run"): Promise<LaneRun> {
  const out = folder.file(name);
  const all = ["run", "--suite", "nightly", "--firmware", pkg.dir, "--out", out, ...args];
  const ended = await st67hil(all);
  return { ...ended, out, ...readRun(out) };
}

const verdicts = ({ cases }: LaneRun) => {
  const counts: Record<string, number> = {};
  for (const { verdict } of cases.values()) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
};
const typed = ({ events }: LaneRun, type: string) => events.filter((event) => event["type"] === type);
const setUps = (run: LaneRun) => typed(run, "step.started").filter(({ step }) => String(step).startsWith("set-up"));

/** A rig file with a simulated module of its own. */
function simRig(folder: Scratch, name: string): string {
  const path = folder.file(`${name}.yaml`);
  writeFileSync(path, `name: ${name}\nstraps: { driver: sim }\nreference: { profile: t02, fwVersion: 2.0.106 }\n`);
  return path;
}

test("a night: each firmware over each, N² + 1 flashes, and the reference is left on the module", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const run = await night(folder, pkg);
  expect([run.code, verdicts(run)]).toEqual([0, { passed: 16 }]);
  expect(typed(run, "wear")).toHaveLength(17);
  expect(setUps(run).map(({ step }) => step)).toEqual(["set-up: t02@2.0.106"]);
  expect(typed(run, "module.left")).toMatchObject([{ rig: "sim", firmware: "t02@2.0.106" }]);
  expect(run.stdout).toContain("sim: t02@2.0.106 is on the module");
  expect(readFileSync(`${run.out}/summary.md`, "utf8")).toContain("- On the module in the end: `sim`: `t02@2.0.106`");
});

test.each([
  ["t01", "2.0.97", "t02@2.0.106"],
  ["t02", "2.0.106", "t01@2.0.97"],
] as const)(
  "a damaged %s@%s fails its edges in, its edges out are skipped, all else passes",
  async (profile, version, good) => {
    using folder = scratch();
    using pkg = fourFirmwares();
    const label = `${profile}@${version}`;
    pkg.flip(imageName(profile as Profile, version), 0x2345);
    const run = await night(folder, pkg);
    expect([run.code, verdicts(run)]).toEqual([1, { passed: 9, failed: 4, skipped: 3 }]);
    for (const [name, { verdict, type, text }] of run.cases) {
      const isIn = name === `reflash ${label}` || name.endsWith(`-> ${label}`);
      expect([name, verdict]).toEqual([name, isIn ? "failed" : name.includes(` ${label} ->`) ? "skipped" : "passed"]);
      if (isIn) expect(type).toContain("IMAGE_INVALID");
      if (verdict === "skipped") expect(text).toContain(`${label} cannot be put on the module: IMAGE_INVALID`);
    }
    const controls = typed(run, "control");
    expect(controls.every(({ ok }) => ok)).toBe(true);
    expect(controls.map(({ firmware }) => firmware)).toContain(good);
  },
);

test("a module on which nothing boots is the rig's fault, whatever the firmware", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const run = await night(folder, pkg, ["--profile", "t02", "--set", "sim.appLog=false"]);
  expect([run.code, verdicts(run)]).toEqual([2, { broken: 4 }]);
  expect([...run.cases.values()].map(({ type }) => type)).toEqual(Array(4).fill("CONTROL_FAILED"));
});

test("a reference that the package lacks is told, once", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const run = await night(folder, pkg, ["--profile", "t01", "--set", "reference.fwVersion=2.0.75"]);
  expect([run.code, verdicts(run)]).toEqual([0, { passed: 4 }]);
  const [first, second, ...more] = typed(run, "run.warned").map(({ message }) => message);
  expect(first).toContain("lacks t02@2.0.75, the reference firmware of sim: a firmware that fails is held against it");
  expect(second).toContain("the reference firmware was not left on the module");
  expect(more).toEqual([]);
  expect(typed(run, "module.left")).toMatchObject([{ firmware: expect.stringMatching(/^t01@/) }]);
});

test("a reference that is not to be flashed leaves the module as it is, and known", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  pkg.flip(imageName("t01", "2.0.97"), 0x2345);
  const reference = ["--set", "reference.profile=t01", "--set", "reference.fwVersion=2.0.97"];
  const run = await night(folder, pkg, ["--profile", "t02", ...reference]);
  expect([run.code, verdicts(run)]).toEqual([0, { passed: 4 }]);
  expect(typed(run, "module.left")).toMatchObject([{ firmware: expect.stringMatching(/^t02@/) }]);
});

test("lanes share one walk, each a path of its own, and shards are parts of it", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const rigs = ["left", "right"].flatMap((name) => ["--rig", simRig(folder, name)]);
  const both = await night(folder, pkg, rigs, "both");
  expect([both.code, verdicts(both)]).toEqual([0, { passed: 16 }]);
  expect(setUps(both).length).toBeLessThanOrEqual(4);
  expect(typed(both, "module.left").map(({ firmware }) => firmware)).toEqual(["t02@2.0.106", "t02@2.0.106"]);
  const alone = await night(folder, pkg, [], "alone");
  const shards = await Promise.all([1, 2, 3].map((at) => night(folder, pkg, ["--shard", `${at}/3`], `${at}`)));
  expect(shards.flatMap(({ cases }) => [...cases.keys()]).sort()).toEqual([...alone.cases.keys()].sort());
  for (const shard of shards) expect([shard.code, setUps(shard).length]).toEqual([0, 1]);
});

test("a shard for which no case is left says so, and is no mistake", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const args = ["--profile", "t02", "--fw-version", "2.0.106", "--shard", "2/2"];
  const run = await night(folder, pkg, args);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("There are fewer cases than shards: shard 2/2 has none.");
  expect([...run.cases.keys()]).toEqual(["empty shard"]);
  expect(readFileSync(`${run.out}/summary.md`, "utf8")).toContain("**Nothing to do**");
  const first = await night(folder, pkg, [...args.slice(0, -1), "1/2"], "first");
  expect([first.code, first.cases.size]).toEqual([0, 1]);
  const listed = await st67hil(["list", "--suite", "nightly", "--firmware", pkg.dir, ...args]);
  expect([listed.code, listed.stdout]).toEqual([0, ""]);
  expect(listed.stderr).toContain("this shard has no case");
  const merged = await st67hil(["report", "merge", "--out", folder.file("all"), first.out, run.out]);
  expect(merged.code).toBe(0);
});

test.each([0, 3, 9])(
  "a night that was killed after %d edges goes on, and ends with the same cases, each once",
  async (done) => {
    using folder = scratch();
    using pkg = fourFirmwares();
    const whole = await night(folder, pkg);
    const lines = readFileSync(`${whole.out}/events.jsonl`, "utf8").split("\n");
    const ends = lines.flatMap((line, at) => (line.includes('"type":"case.ended"') ? [at] : []));
    // In the middle of the next one, and in the middle of a line.
    const cut = (done === 0 ? 0 : (ends[done - 1] ?? 0)) + 5;
    writeFileSync(`${whole.out}/events.jsonl`, `${lines.slice(0, cut).join("\n")}\n${lines[cut]?.slice(0, 20)}`);
    const { code } = await st67hil(["run", "--resume", whole.out]);
    const resumed = { ...whole, ...readRun(whole.out) };
    expect([code, verdicts(resumed)]).toEqual([0, { passed: 16 }]);
    expect([...resumed.cases.keys()].sort()).toEqual([...whole.cases.keys()].sort());
    expect(typed(resumed, "case.ended")).toHaveLength(16);
    // Nobody believes what is on the module: the first of the rest is set up anew.
    expect(setUps(resumed)).toHaveLength(2);
  },
);

test("where nothing leads to a damaged firmware, what begins with it fails: no run passes over it", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  pkg.flip(imageName("t01", "2.0.97"), 0x2345);
  const run = await night(folder, pkg, ["--grep", "t01@2.0.97 ->|t02@2.0.97 -> t02"]);
  expect([run.code, verdicts(run)]).toEqual([1, { failed: 3, passed: 1 }]);
  for (const [name, { verdict, type }] of run.cases)
    if (verdict === "failed") expect([name, type]).toEqual([expect.stringContaining("t01@2.0.97 ->"), "IMAGE_INVALID"]);
  const out = folder.file("t01");
  const args = ["--scenarios", folder.file("boots.ts"), "--profile", "t01", "--firmware", pkg.dir, "--out", out];
  writeFileSync(
    folder.file("boots.ts"),
    `import { scenario } from "st67-hil";
export default scenario({
  name: "boots",
  parameters: ({ firmwares }) => firmwares.map((before) => ({ label: before.label, before })),
  run: async ({ boot }, { before }) => void (await boot(before)),
});
`,
  );
  const { code } = await st67hil(["run", ...args]);
  expect([code, verdicts({ ...run, ...readRun(out) })]).toEqual([1, { failed: 1, passed: 1 }]);
});

test("a night that was killed before the reference was left on the module: going on does that", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const whole = await night(folder, pkg, ["--profile", "t02", "--fw-version", "2.0.106"]);
  const lines = readFileSync(`${whole.out}/events.jsonl`, "utf8").split("\n");
  const end = lines.findIndex((line) => line.includes('"type":"case.ended"'));
  writeFileSync(`${whole.out}/events.jsonl`, `${lines.slice(0, end + 1).join("\n")}\n`);
  const { code } = await st67hil(["run", "--resume", whole.out]);
  const resumed = { ...whole, ...readRun(whole.out) };
  expect([code, verdicts(resumed)]).toEqual([0, { passed: 1 }]);
  expect(typed(resumed, "module.left")).toMatchObject([{ firmware: "t02@2.0.106" }]);
});

test("mfg is part of the night only when asked, and what its ini spares is the same afterwards", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const args = ["--fw-version", "2.0.106", "--profile", "t02,mfg"];
  const run = await night(folder, pkg, args);
  expect([run.code, [...run.cases.keys()].sort()]).toEqual([
    0,
    [
      ...["cross-flash mfg@2.0.106 -> t02@2.0.106", "cross-flash t02@2.0.106 -> mfg@2.0.106"],
      ...["reflash mfg@2.0.106", "reflash t02@2.0.106"],
    ],
  ]);
});

test("the reference is left on the module also when the last case of the night has ended its process", async () => {
  using folder = scratch();
  using pkg = fourFirmwares();
  const file = folder.file("leaves.ts");
  writeFileSync(
    file,
    `import { scenario } from "st67-hil";
export default scenario({
  name: "leaves",
  tags: ["nightly"],
  parameters: ({ firmwares: [one] }) => [{ label: one.label, before: one, after: one }],
  async run({ boot }, { after }) {
    await boot(after);
    setInterval(() => undefined, 1000);
  },
});
`,
  );
  const run = await night(folder, pkg, ["--scenarios", file]);
  expect([run.code, verdicts(run)]).toEqual([0, { passed: 1 }]);
  expect(typed(run, "module.left")).toMatchObject([{ rig: "sim", firmware: "t02@2.0.106" }]);
  const out = folder.file("no-night");
  await st67hil(["run", "--scenarios", file, "--firmware", pkg.dir, "--out", out]);
  const reason = "the process that knew has ended with the last case";
  expect(readRun(out).events.filter(({ type }) => type === "module.left")).toMatchObject([{ rig: "sim", reason }]);
});
