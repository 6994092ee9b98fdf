import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { HarnessError } from "../../../harness/base/errors.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { claim } from "../../../rigs/guard/claim.js";
import { fileName, type Holder, Lock, type Resource, thisProcess } from "../../../rigs/guard/lock.js";
import { scratch } from "../../support/scratch.js";
import { NOBODY } from "../support.js";

const RIG: Resource = { kind: "rig", name: "bench-1" };
const PORT: Resource = { kind: "port", name: "/dev/ttyUSB0" };

const LEFT = /bench-1 is in use by what is left of a run that has ended$/;

interface Contest extends Partial<Holder> {
  readonly resource?: Resource;
  readonly ms?: number;
}

/** One who holds `resource` for `ms` of virtual time, and one who wants it. */
function contest(folder: string, { resource = RIG, ms = Number.POSITIVE_INFINITY, ...more }: Contest = {}) {
  const clock = new VirtualClock();
  const held = Lock.try([resource], { ...thisProcess(), ...more }, folder);
  if (Number.isFinite(ms)) void clock.sleep(ms).then(() => (held as Lock)[Symbol.dispose]());
  const told: string[] = [];
  const abort = new AbortController();
  const want = (wait: boolean) =>
    claim("bench-1", [RIG, PORT], { wait, signal: abort.signal, tell: (text) => void told.push(text), clock, folder });
  return { clock, told, abort, want, end: () => (held as Lock)[Symbol.dispose]() };
}

test.each([
  [RIG, "bench-1 is in use by"],
  [PORT, "bench-1: its port /dev/ttyUSB0 is in use by"],
])("busy: refused at once, with who, what and since when", async (resource, begins) => {
  using folder = scratch();
  const { clock, told, want, end } = contest(folder.path, { resource });
  await expect(want(false)).rejects.toMatchObject({
    code: "RIG_BUSY",
    blame: "rig",
    message: expect.stringMatching(new RegExp(`^${begins} pid ${process.pid} since 20.*Z: st67-hil`)),
    details: { pid: process.pid },
  });
  expect({ now: clock.now(), told }).toEqual({ now: 0, told: [] });
  end();
});

test("--wait: says once for whom, and has the rig a moment after it is free", async () => {
  using folder = scratch();
  const { clock, told, want } = contest(folder.path, { ms: 60_000 });
  using _ = await want(true);
  expect(clock.now()).toBeGreaterThanOrEqual(60_000);
  expect(clock.now()).toBeLessThan(60_500);
  expect(told).toEqual([expect.stringMatching(/^waiting: bench-1 is in use by pid \d+ since/)]);
});

test("waiting is called off with the signal's reason", async () => {
  using folder = scratch();
  const { clock, abort, want, end } = contest(folder.path);
  const reason = new HarnessError("ABORTED", "interrupted by SIGINT");
  void clock.sleep(1000).then(() => abort.abort(reason));
  await expect(want(true)).rejects.toBe(reason);
  end();
});

test("who takes it from what a killed run left has a moment to say so, however long that was", async () => {
  using folder = scratch();
  const { clock, want } = contest(folder.path, { pid: NOBODY, ms: 5000 });
  const file = folder.file(`${fileName(RIG)}.lock`);
  // The watchdog behind the lane: its lock has no name yet, then its own, then it is done.
  void clock.sleep(4000).then(() => writeFileSync(file, ""));
  void clock.sleep(4200).then(() => writeFileSync(file, JSON.stringify({ ...thisProcess(), watchdog: true })));
  (await want(false))[Symbol.dispose]();
  expect(clock.now()).toBeGreaterThanOrEqual(5000);
});

test.each([
  ["a watchdog", { watchdog: true }, /in use by pid/, []],
  ["what a killed run left", { pid: NOBODY }, LEFT, [expect.stringMatching(LEFT)]],
])("%s is waited for without being asked to, but not for ever", async (_, more, why, told) => {
  using folder = scratch();
  const brief = contest(folder.path, { ms: 8000, ...more });
  (await brief.want(false))[Symbol.dispose]();
  expect(brief.told).toEqual(told);
  const endless = contest(folder.path, more);
  await expect(endless.want(false)).rejects.toMatchObject({ code: "RIG_BUSY", message: expect.stringMatching(why) });
  expect(endless.clock.now()).toBeCloseTo(12_000, -2);
  endless.end();
});
