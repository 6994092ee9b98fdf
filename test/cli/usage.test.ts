import { afterEach, describe, expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { inProcess } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

describe("words that are none are told with what was probably meant, and where that is explained", () => {
  test.each([
    [["flash", "--proflie", "t01"], "Unknown argument: proflie (did you mean --profile?)", "flash --help"],
    [["verify", "--fw-versoin", "1"], "Unknown argument: fw-versoin (did you mean --fw-version?)\n", "verify --help"],
    [["verify", "--FW-VERSOIN", "1"], "Unknown argument: FW-VERSOIN\n", "verify --help"],
    [["chip", "at", "--reset"], "Unknown argument: reset\n", "chip at --help"],
    [["chip", "at", "--no-json"], "Unknown argument: no-json", "chip at --help"],
    [["verify", "--fwVersoin", "1"], "Unknown argument: fwVersoin (did you mean --fw-version?)", "verify --help"],
    [["firmware", "lint", ".", "--smu", "x"], "Unknown argument: smu (did you mean --sums?)", "firmware lint --help"],
    [
      ["flash", "--profile", "t1", "--erase", "nedeed"],
      '--profile "t1": expected one of t01, t02, mfg; did you mean t01?; --erase "nedeed": expected one of none, needed, chip; did you mean needed?',
      "flash --help",
    ],
    [
      ["run", "--suite", "zzz"],
      '--suite: expected some of smoke, nightly, brick, stress, functional, ota, got "zzz"\n',
      "run --help",
    ],
    [["erase", "--xyzzyx"], "Unknown argument: xyzzyx\n", "erase --help"],
    [["report"], "expected <run>, got none", "report --help"],
    [["sim"], "expected --link", "sim --help"],
    [["chip"], "Name a command.", "chip --help"],
    [["rnu"], "Did you mean run?", "--help"],
  ])("%p", async (args, told, where) => {
    const { code, stdout, stderr } = await inProcess(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error USAGE (config): ${told}`);
    expect(stderr).toContain(`See \`st67-hil ${where}\`.`);
    expect(stderr).not.toMatch(/<command>\S* --help/);
  });
});

describe("on a machine that speaks another language", () => {
  const { LC_ALL } = process.env;
  afterEach(() => {
    if (LC_ALL === undefined) delete process.env["LC_ALL"];
    else process.env["LC_ALL"] = LC_ALL;
  });

  test.each([
    [["flash", "--proflie", "t01"], "Unknown argument: proflie (did you mean --profile?)"],
    [["sim"], "expected --link"],
    [["report"], "expected <run>, got none"],
    [["flash", "--profile", "t1"], "expected one of t01, t02, mfg; did you mean t01?"],
  ])("%p is told in English, as all the rest is", async (args, told) => {
    process.env["LC_ALL"] = "de_DE.UTF-8";
    expect(await inProcess(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
  });
});

test.each([[[]], [["--rgi", "sim"]]])("%p: what it is, its commands, and the three to begin with", async (args) => {
  const { code, stdout, stderr } = await inProcess(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  for (const told of ["Tests ST67W611M1 modules", "st67-hil flash  ", "  st67-hil run  ", "st67-hil doctor --rig"])
    expect(stderr).toContain(told);
});

test.each([
  ["--help", []],
  ["-h", ["rig"]],
  ["-h", ["firmware"]],
  ["-h", ["chip"]],
  ["-h", ["report", "x"]],
])("%s of %p has examples", async (help, words) => {
  const { code, stdout } = await inProcess([...words, help]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Examples:\n {2}st67-hil /);
});

/** Nobody is to take a simulated module for the one on the bench. */
describe("a simulated module is called one", () => {
  test.each([
    ["chip", "info"],
    ["chip", "boot"],
    ["flash", "--profile", "t01", "--fw-version", "2.0.106"],
    ["erase", "--whole-chip"],
    ["erase", "--start", "0", "--length", "4096"],
    ["read", "--length", "64", "--out", "dump.bin"],
    ["doctor"],
  ])("%s %s", async (...args) => {
    using folder = scratch();
    const { code, stdout } = await inProcess(args, { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toContain("simulated module");
  });

  test.each([
    [["chip", "enter"]],
    [["verify", "--profile", "t01", "--fw-version", "2.0.106"]],
    [["erase", "--whole-chip"]],
    [["doctor"]],
  ])("%p in JSON", async (args) => {
    using folder = scratch();
    const { stdout } = await inProcess([...args, "--json"], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject({ rig: "sim", simulated: true });
  });

  test.each([
    ["NOT_IN_ROM", ["chip", "info", "--set", "sim.wiring.boot=open"]],
    ["FILE_UNREADABLE", ["flash", "--file", "no-such-file", "--address", "0"]],
    ["FILE_UNREADABLE", ["verify", "--file", "no-such-file", "--address", "0"]],
  ])("an error in JSON: %s", async (error, args) => {
    const { code, stdout } = await inProcess([...args, "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ rig: "sim", simulated: true, error: { code: error } });
  });

  test("a preview in JSON", async () => {
    const { stdout } = await inProcess(["flash", "--profile", "t01", "--fw-version", "2.0.106", "--dry-run", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ rig: "sim", simulated: true, firmware: "t01@2.0.106" });
  });

  test("verify of another firmware", async () => {
    const { code, stdout } = await inProcess(["verify", "--profile", "t01", "--fw-version", "2.0.106"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/t01@2\.0\.106 is not what simulated module [0-9a-f]{12} holds\n$/);
  });

  test("a run", async () => {
    using folder = scratch();
    const { stdout, stderr } = await st67hil(["run", "identify", "--json"], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject({ rigs: [{ name: "sim", simulated: true }] });
    expect(stderr).toContain("1 case on sim (a simulated module), seed 1");
  });
});
