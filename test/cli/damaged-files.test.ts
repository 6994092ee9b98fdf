import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { iniOf, SmallPackage } from "../firmware/small-package.js";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

const T01 = "st67w611m_mission_t01_v2.0.106.bin";
const INI = "mission_t01_flash_prog_cfg.ini";

/** Runs the same on the same package, and tells what each command makes of it. No module may have been touched. */
async function judgedBy(pkg: SmallPackage, commands: readonly string[]) {
  using folder = scratch();
  const state = folder.file("module.img");
  const ends = [];
  for (const command of commands) {
    const source = ["--config", pkg.path(INI), "--fw-version", "2.0.106"];
    const { code, stdout } = await st67hil([command, ...source, "--json", "--set", `sim.state=${state}`]);
    ends.push({ command, code, error: JSON.parse(stdout).error.code });
  }
  expect(existsSync(state)).toBe(false);
  return ends;
}

test("an image whose first byte is damaged is still an image: flash, verify and lint refuse it alike", async () => {
  using pkg = new SmallPackage();
  pkg.flip(T01, 0);
  expect(await judgedBy(pkg, ["flash", "verify"])).toEqual([
    { command: "flash", code: 2, error: "IMAGE_INVALID" },
    { command: "verify", code: 2, error: "IMAGE_INVALID" },
  ]);
  const { code, stdout } = await st67hil(["firmware", "lint", pkg.path(INI), "--json"]);
  expect({ code, findings: JSON.parse(stdout).findings }).toEqual({
    code: 1,
    findings: [expect.objectContaining({ file: T01, rule: "malformed", expected: "BFNP" })],
  });
});

test("a firmware beside the slot that boots: flash and verify refuse the plan", async () => {
  using pkg = new SmallPackage();
  pkg.write(INI, iniOf("t01").replace("@partition", "0x20000"));
  expect(await judgedBy(pkg, ["flash", "verify"])).toEqual([
    { command: "flash", code: 2, error: "PLAN_INVALID" },
    { command: "verify", code: 2, error: "PLAN_INVALID" },
  ]);
});

test("one file is held to what its name says, but for --raw", async () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  const damaged = folder.file(T01);
  const bytes = readFileSync(pkg.path(T01));
  bytes.write("X");
  writeFileSync(damaged, bytes);
  const flash = ["flash", "--file", damaged, "--address", "0x10000", "--json"];
  const refused = await st67hil(flash);
  expect({ code: refused.code, error: JSON.parse(refused.stdout).error.code }).toEqual({
    code: 2,
    error: "IMAGE_INVALID",
  });
  expect((await st67hil([...flash, "--raw"])).code).toBe(0);
});
