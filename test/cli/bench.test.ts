import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { st67hil as asProcess } from "../support/cli.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { syntheticSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";

const T01 = ["--profile", "t01", "--fw-version", "2.0.106"];
const T02 = ["--profile", "t02", "--fw-version", "2.0.106"];

test("flash, verify, read: what was flashed is what is there, and exit 1 against another firmware", async () => {
  using folder = scratch();
  const state = ["--set", `sim.state=${folder.file("m.img")}`];
  await expect(st67hil(["flash", ...T01, ...state])).resolves.toMatchObject({
    code: 0,
    stdout: "t01@2.0.106 is on simulated module 40827b037742, verified, and boots: 2.0.106\n",
  });
  await expect(st67hil(["verify", ...T01, ...state])).resolves.toMatchObject({ code: 0 });
  await expect(st67hil(["verify", ...T02, ...state])).resolves.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^FW differs: /),
  });
  const dump = folder.file("dump.bin");
  await expect(
    st67hil(["read", "--start", "0", "--length", "0x400000", "--out", dump, ...state]),
  ).resolves.toMatchObject({ code: 0 });
  const expected = Buffer.alloc(4 * 1024 * 1024, 0xff);
  for (const { address, bytes } of syntheticSet("t01").files) expected.set(bytes, address);
  expect(readFileSync(dump).equals(expected)).toBe(true);
});

test("--json: one document, with what was found", async () => {
  const { code, stdout } = await st67hil(["flash", ...T02, "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    firmware: "t02@2.0.106",
    module: "40827b037742",
    boot: { proven: true, banner: { version: "2.0.106" } },
  });
});

test("--dry-run prints the steps and touches nothing", async () => {
  using folder = scratch();
  const { code, stdout } = await st67hil(["flash", ...T01, "--dry-run", "--set", `sim.state=${folder.file("m.img")}`]);
  expect(code).toBe(0);
  expect(stdout.split("\n").slice(0, 3)).toEqual([
    "erase the whole chip",
    "boot2: send the flash block, unless the module knows its flash",
    expect.stringMatching(/^boot2: write 52544 bytes at 0x0, xz, \d+ on the line$/),
  ]);
  expect(existsSync(folder.file("m.img"))).toBe(false);
});

describe("--delta", () => {
  test("what is there is left as it is, and told; what differs is told with --json; the flash is the same", async () => {
    using folder = scratch();
    const state = ["--set", `sim.state=${folder.file("m.img")}`];
    await st67hil(["flash", ...T01, ...state]);
    const there = "already there: 4194304 bytes compared, nothing erased or sent";
    await expect(st67hil(["flash", ...T01, "--delta", ...state])).resolves.toMatchObject({
      code: 0,
      stdout: `t01@2.0.106 is on simulated module 40827b037742, verified (${there}), and boots: 2.0.106\n`,
    });
    const another = folder.file("life.bin");
    writeFileSync(another, "of another life");
    await st67hil(["flash", "--file", another, "--address", "0x3f0000", "--raw", ...state]);
    const { code, stdout } = await st67hil(["flash", ...T01, "--delta", "--json", ...state]);
    expect(code).toBe(0);
    const differing = [{ address: 0x3f0000, bytes: 4096 }];
    expect(JSON.parse(stdout)).toMatchObject({
      delta: { hashed: 4_194_304, differing, sent: 0, skipped: 4_190_208 },
      boot: { proven: true },
    });
    await expect(st67hil(["flash", ...T02, "--delta", ...state])).resolves.toMatchObject({
      stdout: expect.stringContaining("verified (flashed as a whole: so much differs that all of it costs less)"),
    });
  });

  test("--dry-run tells the ranges that would be asked for, and the steps for when too much differs", async () => {
    const { stdout } = await st67hil(["flash", ...T01, "--delta", "--dry-run"]);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("partition: ask for the SHA-256 of 4096 bytes at 0xE000");
    expect(lines).toContain("blank flash: ask for the SHA-256 of 110592 bytes at 0x3E5000");
    expect(lines[lines.indexOf("erase the whole chip") - 1]).toMatch(/^what differs of that is erased and written/);
    const json = await st67hil(["flash", ...T01, "--delta", "--dry-run", "--json"]);
    const { asked } = JSON.parse(json.stdout).delta as { asked: { bytes: number }[] };
    expect(asked.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(4_194_304);
  });
});

test("a wire of BOOT that is off: exit 2, the advice names the lines, and the module is untouched", async () => {
  using folder = scratch();
  const file = folder.file("m.img");
  const state = ["--set", `sim.state=${file}`];
  await st67hil(["flash", ...T01, ...state]);
  const before = readFileSync(file);
  const { code, stderr } = await st67hil(["flash", ...T02, ...state, "--set", "sim.wiring.boot=open"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/NOT_IN_ROM \(rig\).*BOOT and CHIP_EN/s);
  expect(readFileSync(file).equals(before)).toBe(true);
});

describe("mistakes are told before anything is touched", () => {
  test.each([
    [["rnu"], "Did you mean run?"],
    [["run", "--bogus"], "Unknown argument: bogus"],
    [["flash", "--profile", "t09", "--fw-version", "1"], '--profile "t09": expected one of t01, t02, mfg'],
    [["flash", ...T01, "--profile", "t02"], "--profile: given more than once"],
    [["flash", ...T01, "--no-rig"], "Unknown argument: no-rig\n"],
    [["run", "--no-suite"], "Unknown argument: no-suite\n"],
    [["run", "--no-timeout"], "Unknown argument: no-timeout"],
    [["flash", ...T01, "--rig.x=1"], "Unknown argument: rig.x"],
    [["run", "--set.sim.chipId=1"], "Unknown argument: set.sim.chipId"],
    [["run", "--timeout", ""], 'expected a duration such as 10m or 90s, got ""'],
    [["flash", "--profile", "t01", "--fw-version", "9.9.9"], "no version 9.9.9; there is 2.0.97, 2.0.106"],
    [["read", "--start", "zz", "--out", "x"], '--start: expected a whole number of at least 0, got "zz"'],
    [["read", "--out", "/no/such/folder/x"], "/no/such/folder/x: its folder is missing"],
    [["flash", ...T01, "--firmware", "/no/such/folder"], "/no/such/folder"],
    [["flash", ...T01, "--rig", "no-such-rig"], "no-such-rig"],
    [["flash", ...T01, "--set", "sim.wiring.boot=cut"], "sim.wiring.boot"],
    [["run", "--timeout", "soon"], 'expected a duration such as 10m or 90s, got "soon"'],
    [["report", "/no/such/run"], "/no/such/run"],
  ])("%p", async (args, told) => {
    const { code, stdout, stderr } = await st67hil(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(told);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

test("a pattern that fits no case is refused", async () => {
  const { code, stdout, stderr } = await asProcess(["run", "no-such-case"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain('no scenario and no case is called "no-such-case"');
});

test("a range beyond the flash is refused, with where it ends", async () => {
  using folder = scratch();
  const { code, stderr } = await st67hil([
    "read",
    "--start",
    "0x3ff000",
    "--length",
    "0x2000",
    "--out",
    folder.file("x"),
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain("the flash ends at 0x400000");
  expect(existsSync(folder.file("x"))).toBe(false);
});

test("errors as JSON", async () => {
  const { code, stdout } = await st67hil(["verify", ...T01, "--json", "--set", "sim.wiring.chipEn=open"]);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: "NOT_IN_ROM", blame: "rig", advice: expect.stringContaining("CHIP_EN") },
  });
});

test("a reader that has gone stops nothing and leaves no trace on the screen", () => {
  const script = 'set -o pipefail; "$0" dist/harness/cli/main.js list --repeat 2000 | head -n 1';
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, process.execPath], { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "identify\n", stderr: "" });
});
