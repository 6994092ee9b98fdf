import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

const T02 = ["flash", "--profile", "t02", "--fw-version", "2.0.106"];
const T01 = ["flash", "--profile", "t01", "--fw-version", "2.0.106"];

test("a module that a T01 made silent: its own fault, until a rung that erases is asked for", async () => {
  using folder = scratch();
  const module = ["--set", `sim.state=${folder.file("state")}`, "--set", "sim.quirks.t01Reflash=true"];
  expect(await st67hil([...T01, ...module])).toMatchObject({ code: 0 });
  const silent = await st67hil([...T02, ...module]);
  expect(silent).toMatchObject({ code: 1, stderr: expect.stringContaining("SET_PARA_SILENT") });
  const cured = await st67hil([...T02, ...module, "--recover", "7"]);
  expect(cured).toMatchObject({ code: 0, stdout: expect.stringContaining("boots: 2.0.106") });
  expect(cured.stderr).toContain("rung 7, whole-chip erase: helped");
  expect(cured.stderr).toContain("the module is recovered (rung 7)");
});

test("a rung that erases needs a rig file that names a reference; a real port is not even looked for", async () => {
  using folder = scratch();
  const rig = folder.file("rig.yaml");
  writeFileSync(rig, "name: bench-1\nstraps: { driver: none }\nserial: { path: /dev/nowhere }\n");
  const refused = await st67hil([...T02, "--firmware", "out/firmware", "--rig", rig, "--recover", "7"]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(
    "--recover 7: erasing the whole chip needs a rig file with a reference firmware, and bench-1 names none",
  );
  expect(refused.stderr).toContain("reference: { profile, fwVersion }");
  writeFileSync(rig, "name: bench-2\nstraps: { driver: sim }\n");
  const last = await st67hil([...T02, "--rig", rig, "--recover", "8"]);
  expect(last).toMatchObject({ code: 2, stderr: expect.stringContaining("and bench-2 names none") });
});

test("the last rung: the reference firmware is looked for before the module is touched", async () => {
  const reference = (version: string) => ["--set", `reference={ profile: t02, fwVersion: ${version} }`];
  const missing = await st67hil([...T02, "--recover", "8", ...reference("9.9.9")]);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("no version 9.9.9") });
  expect(await st67hil([...T02, "--recover", "8", ...reference("2.0.106")])).toMatchObject({ code: 0 });
});
