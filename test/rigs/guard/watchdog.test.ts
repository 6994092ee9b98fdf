import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { SystemClock } from "../../../harness/base/time.js";
import { loadRig } from "../../../rigs/file/load.js";
import { Lock, resourcesOf, thisProcess } from "../../../rigs/guard/lock.js";
import { Watchdog } from "../../../rigs/guard/watchdog.js";
import { ENDED_WELL } from "../../../rigs/guard/watchdog-job.js";
import { scratch } from "../../support/scratch.js";
import { controlRecorder, watchdogsGone } from "../../support/socket-rig.js";

const PROGRAM = resolve("dist/rigs/guard/watchdog-process.js");
const clock = new SystemClock();

/** A watchdog over the control socket of a module that answers every order, or none. */
async function watched({ answers = true, sets = [] as string[] } = {}) {
  const folder = scratch();
  const name = `watched-${basename(folder.path)}`;
  const module = await controlRecorder(folder.file("lines"), answers);
  const straps = ["straps.driver=socket", `straps.path=${folder.file("lines")}`, "serial.path=/dev/none"];
  const config = loadRig("sim", [`name=${name}`, ...straps, ...sets]);
  const locks = folder.file("locks");
  const holder = { ...thisProcess(), command: "st67-hil flash" };
  const job = { config, resources: resourcesOf(config), holder, folder: locks };
  const warnings: string[] = [];
  const watchdog = new Watchdog(name, process.pid, PROGRAM);
  watchdog.watch(job, (text) => void warnings.push(text));
  return {
    orders: module.orders,
    job,
    warnings,
    watchdog,
    gone: () => watchdogsGone(name),
    log: () =>
      readdirSync(locks).flatMap((file) => (file.endsWith(".log") ? [readFileSync(`${locks}/${file}`, "utf8")] : [])),
    async [Symbol.asyncDispose]() {
      await module[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Whether a process has a handler for a signal. */
function catches(pid: number, signal: number): boolean {
  const [, mask = "0"] = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

test("the end without the word: the lines become safe, and a log says so", async () => {
  await using w = await watched();
  w.watchdog.alarm();
  await w.gone();
  expect(w.orders).toEqual(["en 0", "boot 0", "power 1"]);
  expect(w.log()).toEqual([
    expect.stringMatching(
      /^20\S+Z watched-\S+: pid \d+ \(st67-hil flash\) ended without a word; the lines are safe: BOOT released, CHIP_EN released, power on\n$/,
    ),
  ]);
});

test("the safe state is the rig file's", async () => {
  await using w = await watched({ sets: ["safeState={ chipEn: asserted, power: off, boot: asserted }"] });
  w.watchdog.alarm();
  await w.gone();
  expect(w.orders).toEqual(["boot 1", "power 0", "en 1"]);
});

test("ended well: it touches nothing and is gone", async () => {
  await using w = await watched();
  w.watchdog.dismiss();
  await w.gone();
  expect(w.orders).toEqual([]);
});

test.each([
  ["sent away", (child: ReturnType<typeof spawn>) => child.stdin?.end(`${ENDED_WELL}\n`)],
  ["left alone", (child: ReturnType<typeof spawn>) => child.stdin?.end()],
])("without a job, %s: it ends well and says nothing", async (_, end) => {
  const child = spawn(process.execPath, [PROGRAM, "none"], { stdio: ["pipe", "pipe", "pipe"] });
  const said: string[] = [];
  for (const pipe of [child.stdout, child.stderr]) pipe.on("data", (text) => void said.push(String(text)));
  const ended = new Promise((done) => child.once("close", (...how) => done(how)));
  end(child);
  await expect(ended).resolves.toEqual([0, null]);
  expect(said).toEqual([]);
});

test("signals are not for it", async () => {
  await using w = await watched();
  const pid = w.watchdog.pid ?? 0;
  while (!catches(pid, constants.signals.SIGHUP)) await clock.sleep(5);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
  await clock.sleep(100);
  expect(w.orders).toEqual([]);
  w.watchdog.alarm();
  await w.gone();
  expect(w.orders).toEqual(["en 0", "boot 0", "power 1"]);
});

test("whoever drives the rig by then is left alone", async () => {
  await using w = await watched();
  const next = { ...thisProcess(), pid: process.ppid, command: "st67-hil run" };
  using lock = Lock.try(w.job.resources, next, w.job.folder) as Lock;
  expect(lock).toBeInstanceOf(Lock);
  w.watchdog.alarm();
  await w.gone();
  expect({ orders: w.orders, log: w.log() }).toEqual({ orders: [], log: [] });
});

test("the one it watched lets go of the lock a moment later: it waits for that", async () => {
  await using w = await watched();
  const lock = Lock.try(w.job.resources, w.job.holder, w.job.folder) as Lock;
  w.watchdog.alarm();
  await clock.sleep(200);
  expect(w.orders).toEqual([]);
  lock[Symbol.dispose]();
  await w.gone();
  expect(w.orders).toEqual(["en 0", "boot 0", "power 1"]);
});

test("a module that does not answer: every line is tried, the log says so, and it ends by its own limit", async () => {
  await using w = await watched({ answers: false });
  w.watchdog.alarm();
  await w.gone();
  expect(w.orders).toEqual(["en 0", "boot 0", "power 1"]);
  expect(w.log().join()).toMatch(/could not be made safe: .*expected BOOT released.*setting chipEn took longer/);
});

test.each([
  ["/no/such/node", "ENOENT"],
  ["/no\0node", "null bytes"],
])("one that cannot be started, as %j, is told, and nothing else happens", async (node, why) => {
  await using w = await watched();
  w.watchdog.dismiss();
  const exec = process.execPath;
  process.execPath = node;
  try {
    const none = new Watchdog(w.job.config.name, process.pid, PROGRAM);
    none.watch(w.job, (text) => void w.warnings.push(text));
    await none.armed(AbortSignal.abort());
    none.dismiss();
  } finally {
    process.execPath = exec;
  }
  while (w.warnings.length === 0) await clock.sleep(10);
  expect(w.warnings).toEqual([expect.stringMatching(new RegExp(`^watched-\\S+: no watchdog: .*${why}`))]);
  await w.gone();
});
