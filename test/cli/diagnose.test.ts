import { spawnSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { writeSyntheticPackage } from "../../harness/firmware/synthetic-package.js";
import { SEED1, SEED2 } from "../diagnose/seed-logs.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

const PROGRAM = resolve("dist/harness/cli/main.js");

test("a failure is told with its causes in order, the lines that speak for them, and what to do; exit 0", async () => {
  using folder = scratch();
  writeFileSync(folder.file("flash.log"), SEED1);
  const { code, stdout, stderr } = await st67hil(["diagnose", folder.file("flash.log")]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^failed {4}the tool says error 003B\nstage {5}set-para\nhandshake answered\n/);
  expect(stdout).toMatch(/\n1\. LINK_TOO_SLOW \(likely\)\n {3}line \d+: \[[\d:.]+\] - ack is b''\n/);
  expect(stdout).toMatch(/\nnext {6}Use an adapter/);
  expect(stdout).toMatch(/\n2\. SET_PARA_SILENT \(possible\)\n/);
  expect(stdout).toMatch(/\nboot-info {2}515 ms {3}500 to 600 ms\n/);
});

test("--json has the names of the contract", async () => {
  using folder = scratch();
  writeFileSync(folder.file("flash.log"), SEED1);
  const { code, stdout } = await st67hil(["diagnose", folder.file("flash.log"), "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: "failed",
    stage: "set-para",
    causes: [
      {
        code: "LINK_TOO_SLOW",
        likelihood: expect.any(String),
        evidence: expect.stringContaining("ack is b''"),
        advice: expect.any(String),
      },
      { code: "SET_PARA_SILENT" },
      { code: "MODULE_LEFT_ROM" },
    ],
  });
});

test("a trace of ours", async () => {
  using folder = scratch();
  const trace = folder.file("chip.trace");
  const slow = ["--set", "sim.link.maxBaud=1000000"];
  expect((await st67hil(["chip", "info", "--trace", trace, ...slow])).code).toBe(2);
  const { code, stdout } = await st67hil(["diagnose", trace]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^failed .*\nstage {5}set-para\n/);
  expect(stdout).toMatch(
    /\n1\. LINK_TOO_SLOW \(certain\)\n {3}exchange \d+: [\d.]+ s, 2000000 Bd: flashSetPara: silence/,
  );
});

test("which trace would be ok though the module does not work?", async () => {
  using folder = scratch();
  const ncp = writeSyntheticPackage(folder.file("package"));
  const firmware = ["--firmware", ncp, "--profile", "t01", "--fw-version", "2.0.106"];
  const foreignKey = ["--set", `sim.keyHash=${"1".repeat(64)}`];
  const scenes = [
    [["flash", ...firmware], 0, /^ok {8}4 files written and verified\n(.*\n)*next {6}Nothing/],
    [["flash", ...firmware, "--raw", ...foreignKey], 1, /^unclear(.*\n)*stage {5}boot\n(.*\n)*1\. BOOT_SILENT/],
    [["flash", ...firmware, ...foreignKey], 2, /^unclear/],
    [["verify", ...firmware], 1, /^unclear/],
    [["erase", "--whole-chip"], 0, /^ok/],
    [["chip", "boot"], 0, /^ok/],
    [["chip", "info"], 0, /^unclear/],
  ] as const;
  for (const [at, [args, code, told]] of scenes.entries()) {
    const trace = folder.file(`${at}.trace`);
    expect((await st67hil([...args, "--trace", trace])).code).toBe(code);
    expect((await st67hil(["diagnose", trace])).stdout).toMatch(told);
  }
});

test("what begins as a trace and is none is refused", async () => {
  using folder = scratch();
  writeFileSync(folder.file("x.trace"), '{"type":"trace","version":9}\n');
  expect(await st67hil(["diagnose", folder.file("x.trace")])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("error TRACE_UNREADABLE"),
  });
});

test("an empty file is unclear; exit 0", async () => {
  using folder = scratch();
  writeFileSync(folder.file("empty.log"), "");
  const { code, stdout } = await st67hil(["diagnose", folder.file("empty.log"), "--json"]);
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, verdict: "unclear", stage: "none", causes: [] });
});

test("what cannot be read is refused with exit 2", async () => {
  using folder = scratch();
  writeFileSync(folder.file("image.bin"), Buffer.alloc(512));
  writeFileSync(folder.file("huge.log"), "");
  truncateSync(folder.file("huge.log"), 17 * 1024 * 1024);
  const expected = [
    [folder.file("none.log"), "no such file"],
    [folder.path, "got a folder"],
    [folder.file("image.bin"), "got binary data"],
    [folder.file("huge.log"), "more than the 16777216 that are read"],
  ] as const;
  for (const [file, what] of expected) {
    const { code, stdout, stderr } = await st67hil(["diagnose", file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("error FILE_UNREADABLE (config)");
    expect(stderr).toContain(what);
  }
});

test("standard input", () => {
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, "diagnose", "-"], {
    input: SEED2,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ok {8}3 files written and verified\n/);
});
