import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { lastResort } from "../../../harness/base/cleanup.js";
import type { SpiPort } from "../../../harness/base/spi.js";
import { Deadline, SystemClock } from "../../../harness/base/time.js";
import type { Bay, Rig } from "../../../harness/base/wire.js";
import { loadRig } from "../../../rigs/file/load.js";
import { guard } from "../../../rigs/guard/guard.js";
import { fileName, Lock, type Resource, resourcesOf, thisProcess } from "../../../rigs/guard/lock.js";
import { Watchdog } from "../../../rigs/guard/watchdog.js";
import { simBench } from "../../support/bench.js";
import { scratch } from "../../support/scratch.js";
import { controlRecorder, watchdogsGone } from "../../support/socket-rig.js";

const MODEM = ["straps.driver=modem", "straps.boot={ line: rts }", "straps.chipEn={ line: dtr }"];
const SAFE = ["en 0", "boot 0", "power 1"];

/** A guarded bay whose rigs write down what is set, and end as `dispose` does; what a watchdog sets is heard by `module`. */
async function guarded(
  sets: (lines: string) => string[],
  dispose = async () => undefined,
  died = false,
  program = resolve("dist/rigs/guard/watchdog-process.js"),
) {
  const folder = scratch();
  const name = `guarded-${basename(folder.path)}`;
  const module = await controlRecorder(folder.file("lines"));
  const config = loadRig("sim", [`name=${name}`, ...sets(folder.file("lines")), "serial.path=/dev/none"]);
  const own: string[] = [];
  const straps: Rig["straps"] = {
    set: async (line, asserted) => void own.push(`${line} ${asserted ? 1 : 0}`),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const spi: SpiPort = {
    select: async (selected) => void own.push(`cs ${selected ? 1 : 0}`),
    transfer: async (mosi) => mosi,
  };
  const open = async () => ({ ...simBench().rig, straps, spi, [Symbol.asyncDispose]: dispose });
  const bay: Bay = { name, labels: [], simulated: false, open };
  const locks = folder.file("locks");
  if (died) leaveAs(locks, resourcesOf(config));
  const patience = { wait: false, signal: new AbortController().signal, tell: () => undefined, folder: locks };
  return {
    module: module.orders,
    own,
    guard: await guard(config, bay, { ...patience, watchdog: new Watchdog(name, process.pid, program) }),
    isFree: () => {
      const tried = Lock.try(resourcesOf(config), thisProcess(), locks);
      if (tried instanceof Lock) tried[Symbol.dispose]();
      return tried instanceof Lock;
    },
    gone: () => watchdogsGone(name),
    async [Symbol.asyncDispose]() {
      await module[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Lock files as a process leaves them that is killed while it holds them. */
function leaveAs(folder: string, resources: readonly Resource[]): void {
  mkdirSync(folder);
  const text = `${JSON.stringify(thisProcess())}\n`;
  for (const resource of resources) writeFileSync(join(folder, `${fileName(resource)}.lock`), text);
}

const socket = (lines: string) => ["straps.driver=socket", `straps.path=${lines}`];
const soon = () => Deadline.in(60_000, "the test", new SystemClock());

test("rigs that end safe: the lock is held until the last one, then all is over, and nobody touches a line", async () => {
  await using g = await guarded(socket);
  for (let time = 0; time < 2; time++) {
    await using _ = await g.guard.bay.open(soon());
    expect(g.isFree()).toBe(false);
  }
  expect(g.isFree()).toBe(false);
  await g.guard[Symbol.asyncDispose]();
  expect(g.isFree()).toBe(true);
  await g.gone();
  expect({ own: g.own, module: g.module }).toEqual({ own: [], module: [] });
});

test("a rig is handed out when its watchdog is ready, or has ended", async () => {
  using folder = scratch();
  const started = folder.file("started");
  const slow = `import { writeFileSync } from "node:fs";
    process.stdin.once("data", () => setTimeout(() => {
      writeFileSync(${JSON.stringify(started)}, "");
      process.stdout.write("ready\\n");
    }, 300)).once("end", () => process.exit());`;
  writeFileSync(folder.file("slow.mjs"), slow);
  writeFileSync(folder.file("dead.mjs"), "");
  for (const [program, expected] of [
    ["slow.mjs", true],
    ["dead.mjs", false],
  ] as const) {
    rmSync(started, { force: true });
    await using g = await guarded(socket, undefined, false, folder.file(program));
    await using _ = await g.guard.bay.open(soon());
    expect(existsSync(started)).toBe(expected);
    await g.guard[Symbol.asyncDispose]();
  }
});

test("one who died before us, and no rig opened by us: the lines are made safe in its place", async () => {
  await using g = await guarded(socket, undefined, true);
  await g.guard[Symbol.asyncDispose]();
  await g.gone();
  expect(g.module).toEqual(SAFE);
});

test("one who died before us, and rigs of ours that ended safe: nothing is left to do", async () => {
  await using g = await guarded(socket, undefined, true);
  await (await g.guard.bay.open(soon()))[Symbol.asyncDispose]();
  await g.guard[Symbol.asyncDispose]();
  await g.gone();
  expect(g.module).toEqual([]);
});

test("a rig that could not be made safe gets another chance, from its watchdog", async () => {
  await using g = await guarded(socket, () => Promise.reject(new Error("stuck")));
  const rig = await g.guard.bay.open(soon());
  await expect(rig[Symbol.asyncDispose]()).rejects.toThrow("stuck");
  await g.guard[Symbol.asyncDispose]();
  await g.gone();
  expect(g.module).toEqual(SAFE);
});

test.each([
  ["socket", socket],
  ["modem", () => MODEM],
])("%s: the last resort makes the lines of an open rig safe, and the watchdog has nothing to do", async (_, sets) => {
  await using g = await guarded(sets);
  await g.guard.bay.open(soon());
  expect(await lastResort.run()).toEqual([]);
  await g.gone();
  expect({ own: g.own, module: g.module }).toEqual({ own: ["cs 0", "chipEn 0", "boot 0", "power 1"], module: [] });
  await g.guard[Symbol.asyncDispose]();
});

test.each(["manual", "none"])("%s: a lock, and nobody who would set a person's lines", async (driver) => {
  await using g = await guarded(() => [`straps.driver=${driver}`]);
  await g.guard.bay.open(soon());
  expect(g.isFree()).toBe(false);
  await lastResort.run();
  await g.guard[Symbol.asyncDispose]();
  expect({ own: g.own, free: g.isFree() }).toEqual({ own: [], free: true });
});
