import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { randomOf } from "../../harness/base/random.js";
import { SystemClock } from "../../harness/base/time.js";
import { loadRig } from "../../rigs/file/load.js";
import { fileName, Lock, resourcesOf, thisProcess } from "../../rigs/guard/lock.js";
import { sharedFolder } from "../../rigs/guard/shared-folder.js";
import { st67hil } from "../support/cli.js";
import { momentOf, stagesIn, writeParts } from "../support/parts.js";
import { Running } from "../support/running.js";
import { HELD, SAFE, STRAPPED, socketRig, watchdogsGone } from "../support/socket-rig.js";

/** More of them for a thorough look (`npm run test:kills`): 5 s each, and more on a busy machine. */
const KILLS = Number(process.env["ST67_HIL_KILLS"] ?? 3);
/** What is promised is held against an idle machine, in that look; elsewhere it is a guard against hangs. */
const SAFE_WITHIN_MS = process.env["ST67_HIL_KILLS"] === undefined ? 10_000 : 1000;
/** BOOT is held so long that whoever looks finds it asserted, and comes in time. */
const LONG_STRAP = ["--set", "timing.strapHoldMs=5000"];

const FOR_EVER = "await new Promise(() => {});";

test(
  `SIGKILL at ${KILLS} moments of a flash: both lines are safe within ${SAFE_WITHIN_MS} ms, the next command needs no help`,
  async () => {
    await using bench = await socketRig();
    const random = randomOf(1, "kills");
    const config = writeParts(bench.folder);
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = momentOf(random);
      await using flash = new Running(["flash", "--config", config, "--leave", "off", "--rig", bench.rig]);
      await flash.until(() => stagesIn(flash.stderr) >= moment);
      flash.signal("SIGKILL");
      await bench.reach(SAFE, SAFE_WITHIN_MS);
      expect(await flash.ended()).toBe("SIGKILL");
      await expect(st67hil(["chip", "info", "--rig", bench.rig])).resolves.toMatchObject({ code: 0 });
      await watchdogsGone(bench.name);
    }
  },
  KILLS * 30_000,
);

test("SIGKILL with BOOT asserted and the module enabled: the lines are safe, and a log says who died", async () => {
  await using bench = await socketRig();
  await using flash = new Running([...bench.flashing(0x10000).args, "--rig", bench.rig, ...LONG_STRAP]);
  await flash.until(async () => (await bench.levels()) === STRAPPED);
  flash.signal("SIGKILL");
  await bench.reach(SAFE, SAFE_WITHIN_MS);
  await watchdogsGone(bench.name);
  const log = join(sharedFolder(), `${fileName({ kind: "rig", name: bench.name })}.log`);
  expect(readFileSync(log, "utf8")).toContain(`pid ${flash.pid} (st67-hil flash `);
});

test("the lock is free soon after a run was killed, without a watchdog too", async () => {
  await using bench = await socketRig();
  const rig = bench.rigFile({ name: `${bench.name}-none`, straps: "{ driver: none }" });
  await using run = new Running([...bench.running(FOR_EVER), "--rig", rig]);
  const resources = resourcesOf(loadRig(rig));
  await run.until(() => {
    const tried = Lock.try(resources, thisProcess());
    if (tried instanceof Lock) tried[Symbol.dispose]();
    return !(tried instanceof Lock) && tried.holder?.pid === run.pid;
  });
  run.signal("SIGKILL");
  await run.ended();
  // Its lane sees that nobody is there any more, and ends.
  let lock = Lock.try(resources, thisProcess());
  while (!(lock instanceof Lock)) {
    await new SystemClock().sleep(20);
    lock = Lock.try(resources, thisProcess());
  }
  lock[Symbol.dispose]();
});

test.each([
  ["waits", FOR_EVER],
  ["spins", "for (;;);"],
])(
  "the command right behind a killed run whose body %s waits for what that left, and needs no help",
  async (_, then) => {
    await using bench = await socketRig();
    await using run = new Running([...bench.running(`${HELD} ${then}`), "--rig", bench.rig]);
    await run.until(() => bench.isHeld());
    run.signal("SIGKILL");
    await run.ended();
    await expect(st67hil(["chip", "info", "--rig", bench.rig])).resolves.toMatchObject({ code: 0 });
    await watchdogsGone(bench.name);
  },
);

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)(
  "%s in a flash: exit %i, the lines are safe before the process has ended, nothing is left over",
  async (signal, exit) => {
    await using bench = await socketRig();
    await using flash = new Running([...bench.flashing(0x10000).args, "--rig", bench.rig, ...LONG_STRAP]);
    await flash.until(async () => (await bench.levels()) === STRAPPED);
    flash.signal(signal);
    expect(await flash.ended()).toBe(exit);
    expect(await bench.levels()).toBe(SAFE);
    await watchdogsGone(bench.name);
  },
);

test("a second Ctrl-C ends at once what lets go of nothing: exit 130, the lines are safe", async () => {
  await using bench = await socketRig();
  const asked = 'deadline.sleep(60_000).catch(() => attach("asked.txt", ""));';
  await using run = new Running([...bench.running(`${HELD} ${asked} ${FOR_EVER}`), "--rig", bench.rig]);
  await run.until(() => bench.isHeld());
  run.signal("SIGINT");
  await run.until(() => existsSync(bench.folder.file("run/cases/own/asked.txt")));
  expect(await bench.levels()).toBe("boot 0 en 1 power 1");
  run.signal("SIGINT");
  expect(await run.ended()).toBe(130);
  expect(await bench.levels()).toBe(SAFE);
  await watchdogsGone(bench.name);
});

test.each([
  ["an exception", 'queueMicrotask(() => { throw new Error("my mistake"); });'],
  ["a rejection", 'void Promise.reject(new Error("my mistake"));'],
])("%s that nobody catches: exit 2, the case is broken by it, the lines are safe", async (_, throws) => {
  await using bench = await socketRig();
  await using run = new Running([...bench.running(`${HELD} ${throws} ${FOR_EVER}`), "--rig", bench.rig]);
  expect(await run.ended()).toBe(2);
  expect(await bench.levels()).toBe(SAFE);
  expect(run.stdout).toMatch(/SCENARIO_THREW: Error: my mistake/);
  expect(readFileSync(bench.folder.file("run/junit.xml"), "utf8")).toMatch(/<error[^>]*SCENARIO_THREW/);
  await watchdogsGone(bench.name);
});

test("a body that ends its process: the case is broken, and the watchdog makes the lines safe", async () => {
  await using bench = await socketRig();
  await using run = new Running([...bench.running(`${HELD} process.exit(0);`), "--rig", bench.rig]);
  expect(await run.ended()).toBe(2);
  await bench.reach(SAFE, SAFE_WITHIN_MS);
  await watchdogsGone(bench.name);
});

test("an exception of a file that is loaded: exit 2 and no stack, never 1", async () => {
  await using bench = await socketRig();
  writeFileSync(bench.folder.file("late.ts"), 'queueMicrotask(() => { throw new Error("late"); }); export default {};');
  const list = await st67hil(["run", "--scenarios", bench.folder.file("late.ts"), "--out", bench.folder.file("late")]);
  expect(list).toMatchObject({ code: 2, stdout: expect.stringMatching(/broken {3}load \S*late.ts.*Error: late/s) });
});
