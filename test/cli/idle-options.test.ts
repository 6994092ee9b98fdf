import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { wantedOf } from "../../harness/cli/options/source.js";
import { iniOf, SmallPackage } from "../firmware/small-package.js";
import { st67hil } from "../support/cli.js";
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

test.each([["--raw"], ["--erase", "chip"], ["--recover", "7"]])("so is %s with fuses alone", async (...option) => {
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

test("a rung that erases does not go with a plan that lets nothing be erased", async () => {
  const asked = ["--profile", "t01", "--fw-version", "2.0.106", "--erase", "none", "--recover", "7"];
  const { code, stdout } = await st67hil(["flash", ...asked, "--json"]);
  expect({ code, error: JSON.parse(stdout).error }).toMatchObject({
    code: 2,
    error: { code: "RECOVERY_REFUSED", message: expect.stringContaining("lets nothing be erased (erase none)") },
  });
});

test("what a verify leaves out is told", async () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  const sim = ["--set", `sim.state=${folder.file("module.img")}`];
  pkg.write("skip.ini", iniOf("t01", "[cfg]\nerase = 1\nskip_mode = 0x11000, 0x1000\n"));
  const source = ["--config", pkg.path("skip.ini"), "--fw-version", "2.0.106", ...sim];
  await st67hil(["flash", ...source]);
  const { code, stdout } = await st67hil(["verify", ...source, "--json"]);
  expect({ code, leftOut: JSON.parse(stdout).leftOut }).toEqual({
    code: 0,
    leftOut: [{ file: "FW", address: 0x11000, bytes: 0x1000 }],
  });
});
