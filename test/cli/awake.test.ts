import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { told } from "../../harness/base/files.js";
import { stayAwake } from "../../harness/cli/bench/awake.js";
import { SmallPackage } from "../firmware/small-package.js";
import { makePipe } from "../support/pipe.js";
import { preloaded } from "../support/preloaded.js";
import { scratch } from "../support/scratch.js";
import { rigOver, SimProcess } from "../support/sim.js";
import { where } from "../support/where.js";

const DEVICE = "/dev/cpu_dma_latency";
const lacks = process.geteuid?.() !== 0 ? "needs root" : existsSync(DEVICE) ? undefined : `needs ${DEVICE}`;
const { test: testAwake, without } = where(lacks);

const RIG = { rig: "bench-1", wait: false };

/** What this process has open. */
const opened = (): string[] =>
  readdirSync("/proc/self/fd").flatMap((fd) => told(() => readlinkSync(`/proc/self/fd/${fd}`)) ?? []);

testAwake(`the processors are asked not to sleep, until it is disposed${without}`, () => {
  {
    using _ = stayAwake(RIG);
    expect(opened()).toContain(DEVICE);
    expect(readFileSync(DEVICE).readInt32LE()).toBe(0);
  }
  expect(opened()).not.toContain(DEVICE);
});

testAwake(`they are not for a simulated module, nor where a rig may be waited for${without}`, () => {
  using _simulated = stayAwake({ rig: "sim", wait: false });
  using _waiting = stayAwake({ rig: "bench-1", wait: true });
  expect(opened()).not.toContain(DEVICE);
});

/** Tells when the device is opened, also where that is refused. */
const SPY = `
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const { openSync } = fs;
  fs.openSync = (path, ...more) => {
    if (path === "${DEVICE}") console.error("asked not to sleep");
    return openSync(path, ...more);
  };
  syncBuiltinESMExports();`;

test.each([
  ["flash", 0, true],
  ["verify", 1, true],
  ["read", 0, true],
  ["erase", 0, false],
])("%s on hardware, which ends with %i, asks for it: %p", async (command, code, asks) => {
  using folder = scratch();
  using firmware = new SmallPackage();
  await using _sim = await SimProcess.start(folder);
  const image = ["--firmware", firmware.dir, "--profile", "t01", "--fw-version", "2.0.106"];
  const range = ["--start", "0", "--length", "4096"];
  const what = { read: [...range, "--out", folder.file("dump")], erase: range }[command] ?? image;
  const program = [...preloaded(SPY), resolve("dist/harness/cli/main.js")];
  const args = [...program, command, ...what, "--rig", rigOver(folder)];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: "utf8" });
  expect({ status, asked: stderr.includes("asked not to sleep"), stderr }).toEqual({
    status: code,
    asked: asks,
    stderr,
  });
});

test("so long a device is open, and no longer", () => {
  const times = () => opened().filter((path) => path === "/dev/zero").length;
  const before = times();
  const awake = stayAwake(RIG, "/dev/zero");
  expect(times()).toBe(before + 1);
  awake[Symbol.dispose]();
  awake[Symbol.dispose]();
  expect(times()).toBe(before);
});

test("what is no such device is left alone, and nothing is waited for", () => {
  using folder = scratch();
  const file = folder.file("file");
  writeFileSync(file, "something");
  for (const path of [file, makePipe(folder.file("pipe")), folder.path, folder.file("nothing")]) {
    using _ = stayAwake(RIG, path);
    expect(opened()).not.toContain(path);
  }
  expect(readFileSync(file, "utf8")).toBe("something");
  expect(statSync(file).size).toBe(9);
});
