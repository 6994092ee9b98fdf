import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SmallPackage } from "../firmware/small-package.js";
import { st67hil } from "../support/cli.js";
import { readRun } from "../support/lane-run.js";
import { scratch } from "../support/scratch.js";

const FLASH = ["flash", "--profile", "t02", "--fw-version", "2.0.106"];

/** Whatever goes wrong on the wire, by what is told of it first. */
const KINDS = [
  ["sim.link.maxBaud=1000000", "set-para", "LINK_TOO_SLOW"],
  ["sim.wiring.txRx=open", "handshake", "NOT_IN_ROM"],
  ["sim.faults=[{ at: { command: flashChipErase }, do: { refuse: 3 }, count: 99 }]", "erase", "ERASE_REFUSED"],
] as const;

test.each(KINDS)(
  "a bench command that fails (%s) ends with the diagnosis, in three lines at most",
  async (set, stage, code) => {
    using pkg = new SmallPackage();
    const { stderr } = await st67hil([...FLASH, "--firmware", pkg.dir, "--set", set]);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => line.trim());
    const at = lines.findIndex((line) => line.startsWith(`diagnosis: failed, at ${stage}: `));
    expect({ stderr, at: at > 0 }).toEqual({ stderr, at: true });
    expect(lines.length - at).toBeLessThanOrEqual(3);
    expect(lines[at + 1]).toMatch(new RegExp(`^causes in order: ${code} \\(`));
    expect(lines.at(-1)).toMatch(/^next: /);
    const json = await st67hil([...FLASH, "--firmware", pkg.dir, "--set", set, "--json"]);
    const { error } = JSON.parse(json.stdout) as { error: { diagnosis: string[] } };
    expect(error.diagnosis[0]).toBe(lines[at]);
  },
);

test.each(KINDS)("so does a case (%s), in its event, and reports show it", async (set, stage, code) => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const out = folder.file("run");
  const args = ["run", "flash-and-boot t02@2.0.106", "--firmware", pkg.dir, "--out", out, "--set", set];
  const { stdout } = await st67hil([...args, "--traces", "failed"]);
  const ended = readRun(out).events.find(({ type }) => type === "case.ended");
  const { diagnosis = [] } = (ended?.["fault"] ?? {}) as { diagnosis?: string[] };
  expect(diagnosis[0]).toMatch(new RegExp(`^diagnosis: failed, at ${stage}: `));
  expect(diagnosis[1]).toContain(`causes in order: ${code} (`);
  expect(diagnosis.length).toBeLessThanOrEqual(3);
  expect(stdout).toContain(diagnosis[0]);
  expect(readFileSync(`${out}/junit.xml`, "utf8")).toContain("causes in order: ");
});

test("what the wire says nothing of has no diagnosis", async () => {
  using pkg = new SmallPackage();
  const refused = await st67hil([...FLASH, "--firmware", pkg.dir, "--set", "sim.locked=false"]);
  expect(refused.stderr).toContain("MODULE_UNLOCKED");
  expect(refused.stderr).not.toContain("diagnosis:");
});
