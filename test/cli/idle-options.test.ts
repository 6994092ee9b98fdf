import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { wantedOf } from "../../harness/cli/options/source.js";
import { iniOf, SmallPackage } from "../firmware/small-package.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

test.each([
  [{ profile: "t01", fwVersion: "2.0.106", address: 0x1000 }, "--address does not go with --profile"],
  [{ file: "x.bin", address: 0, fwVersion: "2.0.106" }, "--fw-version does not go with --file"],
  [{ file: "x.bin", address: 0, firmware: "dir" }, "--firmware does not go with --file"],
  [{ config: "x.ini", address: 0 }, "--address does not go with --config"],
  [{ config: "x.ini", firmware: "dir" }, "--firmware does not go with --config"],
  [{ firmware: "dir", fwVersion: "2.0.106" }, "name one of"],
  [{ profile: "t01", config: "x.ini" }, "name one of"],
] as const)("an option that would be passed over is refused: %j", async (source, message) => {
  await expect(wantedOf(source, true)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining(message),
  });
});

test("so is a version for an ini of which no file takes one", async () => {
  using pkg = new SmallPackage();
  pkg.write("one.ini", "[cfg]\nerase = 1\n[boot2]\nfiledir = ./st67w611m_boot2_v8.1.9.bin\naddress = 0x0\n");
  pkg.write("named.ini", iniOf("t01").replace("_vxxx.bin", "_v2.0.97.bin"));
  await expect(wantedOf({ config: pkg.path("one.ini"), fwVersion: "9.9.9" }, true)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringMatching(/^--fw-version 9\.9\.9 does not go with --config .*one\.ini: /),
  });
  await expect(wantedOf({ config: pkg.path("one.ini") }, true)).resolves.toBeDefined();
  const named = wantedOf({ config: pkg.path("named.ini"), fwVersion: "2.0.106" }, true);
  await expect(named).resolves.toMatchObject({ expected: { version: "2.0.106" } });
});

test("a simulated module has one state", async () => {
  using folder = scratch();
  const args = ["sim", "--link", "x", "--state", "a.img", "--set", "sim.state=b.img"];
  const { code, stderr } = await st67hil(args, { cwd: folder.path });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining("--state does not go with --set sim.state=b.img"),
  });
});

test.each([
  ["--raw"],
  ["--delta"],
  ["--erase", "chip"],
  ["--recover", "7"],
  ["--compress", "off"],
  ["--verify", "read"],
])("so is %s with fuses alone", async (...option) => {
  using folder = scratch();
  writeFileSync(folder.file("fuses.bin"), Buffer.alloc(16, 1));
  const { code, stderr } = await st67hil(["flash", "--efuse", folder.file("fuses.bin"), ...option]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("nothing is flashed") });
});

test("a range that is kept, and a rung that would erase it, are refused before the rig is touched", async () => {
  using pkg = new SmallPackage();
  pkg.write("kept.ini", iniOf("t01", "[cfg]\nerase = 1\nskip_mode = 0x3FF000, 0x1000\n"));
  const source = ["--config", pkg.path("kept.ini"), "--fw-version", "2.0.106"];
  for (const [option, error] of [
    [["--recover", "7"], "RECOVERY_REFUSED"],
    [["--erase", "chip"], "PLAN_INVALID"],
  ] as const) {
    const { code, stdout } = await st67hil(["flash", ...source, ...option, "--json"]);
    expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 2, error });
  }
});

test.each([
  [["--erase", "none"], "--delta: t01@2.0.106 erases nothing: what differs could not be written"],
  [["--verify", "read"], "--verify read does not go with --delta"],
])("neither does --delta with %s", async (option, told) => {
  const asked = ["flash", "--profile", "t01", "--fw-version", "2.0.106", "--delta", ...option];
  const { code, stderr } = await st67hil(asked);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(told) });
  expect(stderr).not.toContain("enter-rom");
});

test("a rung that erases does not go with a plan that lets nothing be erased", async () => {
  const asked = ["--profile", "t01", "--fw-version", "2.0.106", "--erase", "none", "--recover", "7"];
  const { code, stdout } = await st67hil(["flash", ...asked, "--json"]);
  expect({ code, error: JSON.parse(stdout).error }).toMatchObject({
    code: 2,
    error: { code: "RECOVERY_REFUSED", message: expect.stringContaining("lets nothing be erased (erase none)") },
  });
});

test("what a flash and a verify leave out is told, whatever comes out", async () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  const sim = ["--set", `sim.state=${folder.file("module.img")}`];
  pkg.write("skip.ini", iniOf("t01", "[cfg]\nerase = 1\nskip_mode = 0x379000, 0x1000\n"));
  const source = ["--config", pkg.path("skip.ini"), "--fw-version", "2.0.106"];
  const leftOut = [{ file: "littlefs", address: 0x379000, bytes: 0x1000 }];
  const place = "littlefs, 4096 bytes at 0x379000 (skip_mode)";
  for (const [code, command, what, ...more] of [
    [0, "flash", "not written", "--dry-run"],
    [0, "flash", "not written", ...sim],
    [0, "verify", "not compared", ...sim],
    [1, "verify", "not compared", "--set", "sim.contents=blank"],
  ] as const) {
    expect(await st67hil([command, ...source, ...more])).toMatchObject({
      code,
      stdout: expect.stringContaining(`${what}: ${place}`),
    });
    const { stdout } = await st67hil([command, ...source, ...more, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ leftOut });
  }
});

test("--wait waits for nothing where no rig is opened", async () => {
  expect(await st67hil(["doctor", "--wait"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--wait does not go without --active"),
  });
});

test.each([
  ["--rig", ""],
  ["--profile", ""],
  ["--fw-version", ","],
  ["--tag", ""],
])("a list that names nothing is not the default: %s %j", async (option, nothing) => {
  expect(await st67hil(["list", option, nothing])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining(`${option}: expected at least one, got none`),
  });
});

test("a dry run is told as --json says", async () => {
  const choice = ["--profile", "t01", "--fw-version", "2.0.106", "--json"];
  const dry = await st67hil(["run", "--dry-run", ...choice]);
  expect(JSON.parse(dry.stdout)).toEqual(JSON.parse((await st67hil(["list", ...choice])).stdout));
});

test.each([
  ["none", "boot-bcm", "17"],
  ["manual", "socket", "./lines"],
  ["modem", "chip", "gpiochip0"],
  ["sim", "ready-bcm", "24"],
])("a new rig of the driver %s has no use for --%s", async (driver, option, value) => {
  using folder = scratch();
  const file = folder.file("rig.yaml");
  const port = driver === "sim" ? [] : ["--port", "/dev/ttyX"];
  const answers = ["--name", "a", "--driver", driver, ...port, `--${option}`, value];
  const { code, stderr } = await st67hil(["rig", "new", file, ...answers]);
  expect({ code, stderr, written: existsSync(file) }).toEqual({
    code: 2,
    stderr: expect.stringContaining(`--${option} does not go with --driver ${driver}`),
    written: false,
  });
});
