import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { told as orNothing } from "../../harness/base/files.js";
import { stayAwake } from "../../harness/cli/bench/awake.js";
import { SmallPackage } from "../firmware/small-package.js";
import { makePipe } from "../support/pipe.js";
import { scratch } from "../support/scratch.js";
import { rigOver, SimProcess } from "../support/sim.js";
import { where } from "../support/where.js";

const DEVICE = "/dev/cpu_dma_latency";
const lacks = process.geteuid?.() !== 0 ? "needs root" : existsSync(DEVICE) ? undefined : `needs ${DEVICE}`;
const { test: testAwake, without } = where(lacks);

const T01 = ["--profile", "t01", "--fw-version", "2.0.106"];
const RIG = { rig: "bench-1", wait: false };

/** What a process has open. */
const opened = (pid: number | "self" = "self"): string[] =>
  (orNothing(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap(
    (fd) => orNothing(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [],
  );

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

testAwake.each([
  ["flash", 0],
  ["verify", 1],
  ["read", 0],
])(`%s keeps a rig of hardware's machine awake${without}`, async (command, code) => {
  using folder = scratch();
  using firmware = new SmallPackage();
  await using _sim = await SimProcess.start(folder);
  const what =
    command === "read" ? ["--length", "4096", "--out", folder.file("dump")] : ["--firmware", firmware.dir, ...T01];
  const args = [resolve("dist/harness/cli/main.js"), command, ...what, "--rig", rigOver(folder)];
  const child = spawn(process.execPath, args, { cwd: folder.path, stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  child.stderr.on("data", (text) => {
    told += text;
  });
  let seen = false;
  while (child.exitCode === null && child.signalCode === null) {
    seen ||= opened(child.pid).includes(DEVICE);
    await setImmediate();
  }
  expect({ seen, code: child.exitCode, told }).toEqual({ seen: true, code, told });
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
