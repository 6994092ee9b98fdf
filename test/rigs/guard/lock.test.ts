import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { loadRig } from "../../../rigs/file/load.js";
import {
  type Busy,
  fileName,
  type Holder,
  isAlive,
  Lock,
  parseHolder,
  type Resource,
  resourcesOf,
} from "../../../rigs/guard/lock.js";
import { scratch } from "../../support/scratch.js";
import { NOBODY, thrownBy } from "../support.js";

const RIG: Resource = { kind: "rig", name: "bench-1" };
const PORT: Resource = { kind: "port", name: "/dev/ttyUSB0" };
const holder = (more: Partial<Holder> = {}): Holder => ({
  pid: process.pid,
  command: "st67-hil run",
  since: "2026-01-02T03:04:05.678Z",
  watchdog: false,
  ...more,
});
const busy = (resource: Resource, holder: Holder | undefined, left = false): Busy => ({ resource, holder, left });

function locked(...args: Parameters<typeof Lock.try>): Lock {
  const lock = Lock.try(...args);
  if (lock instanceof Lock) return lock;
  throw new Error(`busy: ${JSON.stringify(lock)}`);
}

test("a second holder hears who the first one is; once that ends, the lock is free", () => {
  using folder = scratch();
  const first = locked([RIG, PORT], holder(), folder.path);
  expect(Lock.try([RIG], holder({ command: "another" }), folder.path)).toEqual(busy(RIG, holder()));
  first[Symbol.dispose]();
  locked([RIG], holder(), folder.path)[Symbol.dispose]();
});

test("all or nothing: a busy port leaves the rig free", () => {
  using folder = scratch();
  using _ = locked([PORT], holder(), folder.path);
  expect(Lock.try([RIG, PORT], holder(), folder.path)).toEqual(busy(PORT, holder()));
  using _rig = locked([RIG], holder(), folder.path);
});

test.each([
  ["a holder that is dead", JSON.stringify(holder({ pid: NOBODY })), true],
  ["garbage", "{{{", false],
  ["nothing", "", false],
])("%s in the file holds no lock, and is not told as the holder", (_, content, left) => {
  using folder = scratch();
  const file = folder.file(`${fileName(RIG)}.lock`);
  writeFileSync(file, content);
  using lock = locked([RIG], holder(), folder.path);
  expect(lock).toBeInstanceOf(Lock);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(holder());
  writeFileSync(file, content);
  expect(Lock.try([RIG], holder(), folder.path)).toEqual(busy(RIG, undefined, left));
});

test("only who has the lock is named: not a process that lives, but has it not", () => {
  using folder = scratch();
  using _ = locked([RIG], holder(), folder.path);
  writeFileSync(folder.file(`${fileName(RIG)}.lock`), JSON.stringify(holder({ pid: process.ppid })));
  expect(Lock.try([RIG], holder(), folder.path)).toEqual(busy(RIG, undefined));
});

test("a process that has ended is not alive, though nobody has collected it", async () => {
  const script = "sleep 600 & echo $!; exec sleep 600";
  const keeper = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
  const stat = (pid: number | undefined) => readFileSync(`/proc/${pid}/stat`, "utf8");
  try {
    const [text] = (await once(keeper.stdout, "data")) as [Buffer];
    const pid = Number(text);
    // Only a shell collects what it has started.
    while (!stat(keeper.pid).includes("(sleep)")) await setImmediate();
    process.kill(pid, "SIGKILL");
    while (!stat(pid).includes(") Z ")) await setImmediate();
    expect([isAlive(pid), isAlive(keeper.pid ?? 0)]).toEqual([false, true]);
  } finally {
    keeper.kill();
    await once(keeper, "close");
  }
});

test("a longer text of an earlier holder does not show through", () => {
  using folder = scratch();
  const file = folder.file(`${fileName(RIG)}.lock`);
  writeFileSync(file, "x".repeat(3000));
  using _ = locked([RIG], holder(), folder.path);
  expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(holder())}\n`);
});

test("the folder and its files are everybody's, whatever the umask", () => {
  using folder = scratch();
  const shared = folder.file("locks");
  const umask = process.umask(0o077);
  try {
    using _ = locked([RIG, PORT], holder(), shared);
  } finally {
    process.umask(umask);
  }
  expect(statSync(shared).mode & 0o7777).toBe(0o1777);
  expect(readdirSync(shared).map((name) => statSync(join(shared, name)).mode & 0o777)).toEqual([0o666, 0o666]);
});

test.each([
  ["a folder", (path: string) => void mkdirSync(path)],
  ["a link to another file", (path: string) => symlinkSync("/dev/null", path)],
])("%s where the lock file should be is refused, with its path", (_, make) => {
  using folder = scratch();
  const file = folder.file(`${fileName(PORT)}.lock`);
  make(file);
  const error = thrownBy(() => Lock.try([RIG, PORT], holder(), folder.path));
  expect(error).toMatchObject({ code: "FILE_UNWRITABLE", message: expect.stringContaining(file) });
  using lock = locked([RIG], holder(), folder.path);
  expect(lock).toBeInstanceOf(Lock);
});

test("what a rig needs: a simulated one nothing; two names of a port or a state file are one", () => {
  using folder = scratch();
  writeFileSync(folder.file("port"), "");
  symlinkSync(folder.file("port"), folder.file("by-id"));
  symlinkSync(folder.path, folder.file("here"));
  const overPort = (path: string) => loadRig("sim", ["name=b", "straps.driver=none", `serial.path=${path}`]);
  expect(resourcesOf(loadRig("sim"))).toEqual([]);
  const port = { kind: "port", name: folder.file("port") };
  expect(resourcesOf(overPort(folder.file("by-id")))).toEqual([{ kind: "rig", name: "b" }, port]);
  expect(resourcesOf(overPort(folder.file("here/port")))).toEqual([{ kind: "rig", name: "b" }, port]);
  const spi = "spi={ driver: spidev, path: /dev/spidev0.0, cs: { bcm: 8 } }";
  const lines = "straps={ driver: onoff, boot: { bcm: 1 }, chipEn: { bcm: 2 }, ready: { bcm: 3 } }";
  expect(resourcesOf(loadRig("sim", ["name=b", lines, "serial.path=/dev/none", spi])).slice(2)).toEqual([
    { kind: "spi", name: "/dev/spidev0.0" },
  ]);
  const state = { kind: "state", name: folder.file("state") };
  expect(resourcesOf(loadRig("sim", [`sim.state=${folder.file("here/state")}`]))).toEqual([state]);
  expect(resourcesOf(loadRig("sim", ["sim.state=/no/such/folder/state"]))).toEqual([
    { kind: "state", name: "/no/such/folder/state" },
  ]);
});

test("a name that is still in the file was left by one who died: the next one is told", () => {
  using folder = scratch();
  const resources = [RIG];
  const file = join(folder.path, `${fileName(RIG)}.lock`);
  const first = Lock.try(resources, holder(), folder.path);
  if (!(first instanceof Lock)) throw new Error("nobody else has it");
  expect(first.abandoned).toBe(false);
  const name = readFileSync(file);
  first[Symbol.dispose]();
  writeFileSync(file, name);
  const second = Lock.try(resources, holder(), folder.path);
  expect(second).toMatchObject({ abandoned: true });
  if (second instanceof Lock) second[Symbol.dispose]();
  const third = Lock.try(resources, holder(), folder.path);
  expect(third).toMatchObject({ abandoned: false });
  if (third instanceof Lock) third[Symbol.dispose]();
});

test("every resource has a file name of its own", () => {
  const resource = fc.record({
    kind: fc.constantFrom("rig" as const, "port" as const, "state" as const),
    name: fc.string({ unit: "binary" }),
  });
  fc.assert(
    fc.property(resource, resource, (a, b) => {
      expect(fileName(a)).toMatch(/^[A-Za-z0-9._-]{1,80}$/);
      expect(fileName(a) === fileName(b)).toBe(a.kind === b.kind && a.name === b.name);
    }),
  );
});

test("a holder survives its file, and nothing else is taken for one", () => {
  const any = fc.record({
    pid: fc.integer({ min: 1 }),
    command: fc.string(),
    since: fc.string(),
    watchdog: fc.boolean(),
  });
  fc.assert(fc.property(any, (one) => expect(parseHolder(JSON.stringify(one))).toEqual(one)));
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => expect(parseHolder(text)).toBeUndefined()));
  for (const wrong of [{ pid: 0 }, { pid: "1" }, { pid: 1.5 }, { command: 1 }, { since: null }, { watchdog: 1 }])
    expect(parseHolder(JSON.stringify({ ...holder(), ...wrong }))).toBeUndefined();
});
