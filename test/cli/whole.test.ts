import { writeFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

const T01 = "--profile t01 --fw-version 2.0.106";

/** For all of them: the synthetic package is made once. */
const folder = scratch();
writeFileSync(folder.file("data"), "data");
afterAll(() => folder[Symbol.dispose]());

/**
 * Most tests of the commands run in the process of the tests (`inProcess`). What only a process shows: that it ends by
 * itself, with that exit code, and that the program as it was built finds all its parts.
 */
test.each([
  ["--version", 0],
  ["list", 0],
  [`flash ${T01}`, 0],
  [`verify ${T01}`, 1],
  ["erase --whole-chip", 0],
  ["read --start 0 --length 16 --out read.bin", 0],
  ["chip info", 0],
  ["chip boot", 0],
  ["doctor", 0],
  ["firmware synth package", 0],
  ["firmware inspect missing", 2],
  ["flash --config missing.ini", 2],
  ["rig new data", 2],
  ["frobnicate", 2],
])("%s: exit code %i", async (command, exitCode) => {
  const { code, signal, stdout, stderr } = await st67hil(command.split(" "), { cwd: folder.path });
  expect({ code, signal, stderr }).toEqual({ code: exitCode, signal: null, stderr: expect.any(String) });
  if (exitCode === 2) expect(stderr).toMatch(/^error [A-Z_]+ \(\w+\): /m);
  else expect(stdout).not.toBe("");
});
