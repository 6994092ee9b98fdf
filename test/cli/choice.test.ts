import { lstatSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

const SCENARIO = 'import { scenario } from "st67-hil"; export default scenario({ name: "own", run: async () => {} });';

test("whatever fits nothing is refused, with what it was probably meant to be", async () => {
  using folder = scratch();
  writeFileSync(folder.file("own.ts"), SCENARIO);
  for (const [args, told] of [
    [["identfy", "identify"], 'no scenario and no case is called "identfy"; did you mean identify?'],
    [["--profile", "t01", "t02"], "a second profile is written --profile t01,t02"],
    [["--fw-version", "2.0.97", "2.0.106"], "a second version is written --fw-version 2.0.97,2.0.106"],
    [["--scenarios", "own.ts", "own.ts"], "a second file is written --scenarios own.ts"],
    [
      ["--tag", "smokey"],
      "no case has it; there is smoke, nightly, stress, brick, functional, ota; did you mean smoke?",
    ],
    [["--fw-version", "2.0.16"], "no version 2.0.16; there is 2.0.97, 2.0.106; did you mean 2.0.106?"],
    [["--profile", "t1"], "no profile t1; there is t01, t02, mfg; did you mean t01?"],
  ] as const) {
    const { code, stdout, stderr } = await st67hil(["list", ...args], { cwd: folder.path });
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" });
    expect(stderr).toContain(told);
  }
});

test("list writes nothing, also where nothing may be written", async () => {
  using folder = scratch();
  const cache = { XDG_CACHE_HOME: "/proc/no/such/place" };
  const { code, stdout } = await st67hil(["list"], { cwd: folder.path, env: cache });
  expect({ code, first: stdout.split("\n")[0] }).toEqual({ code: 0, first: "identify" });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a run writes into its own folder, and into the history beside it; latest leads to the newest, and is nobody else's", async () => {
  using folder = scratch();
  const run = (...more: string[]) => st67hil(["run", "identify", ...more], { cwd: folder.path });
  await run("--out", "mine");
  expect(readdirSync(folder.path)).toEqual(["history.sqlite", "mine"]);
  await run();
  const first = readlinkSync(folder.file("out/latest"));
  await run();
  const newest = readlinkSync(folder.file("out/latest"));
  expect(newest).not.toBe(first);
  expect(readdirSync(folder.file("out")).sort()).toEqual([first, newest, "history.sqlite", "latest"].sort());
  const report = await st67hil(["report", "out/latest"], { cwd: folder.path });
  expect(report.code).toBe(0);
  mkdirSync(folder.file("other/out/latest"), { recursive: true });
  await st67hil(["run", "identify"], { cwd: folder.file("other") });
  expect(lstatSync(folder.file("other/out/latest")).isDirectory()).toBe(true);
});

test("a field of a scenario that is mistyped is told by its name", async () => {
  using folder = scratch();
  writeFileSync(folder.file("own.ts"), SCENARIO.replace("name:", "timeoutMS: 5, name:"));
  const { code, stderr } = await st67hil(["list", "--scenarios", "own.ts"], { cwd: folder.path });
  expect(code).toBe(2);
  expect(stderr).toContain("timeoutMS: no such field; did you mean timeoutMs?");
});

test("a rig that is unfit is told once, and the rest is skipped", async () => {
  using folder = scratch();
  const rig = "name: gone\nstraps: { driver: none }\nserial: { path: /dev/no-such-port }\n";
  writeFileSync(folder.file("rig.yaml"), rig);
  writeFileSync(folder.file("own.ts"), SCENARIO);
  const firmware = await st67hil(["firmware", "synth", folder.file("fw")]);
  expect(firmware.code).toBe(0);
  const args = ["--rig", "rig.yaml", "--scenarios", "own.ts", "--repeat", "5"];
  const { code, stdout } = await st67hil(
    ["run", ...args, "--firmware", folder.file("fw/Binaries/NCP_Binaries"), "--out", "run"],
    { cwd: folder.path },
  );
  expect(code).toBe(2);
  expect(stdout.match(/RIG_UNFIT/g)).toHaveLength(2);
  expect(stdout.match(/^skipped {2}own #\d \(gone: port-identity/gm)).toHaveLength(4);
});
