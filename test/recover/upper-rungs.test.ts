import { expect, test } from "@jest/globals";
import type { Rig, Straps, Wire } from "../../harness/base/wire.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { flashModule } from "../../harness/recover/flash.js";
import { openModule } from "../../harness/recover/open.js";
import type { Reference } from "../../harness/recover/rung.js";
import type { Observer } from "../../harness/session/stage.js";
import { strap } from "../../harness/session/strap.js";
import { simBench } from "../support/bench.js";
import { plainSet, syntheticSet } from "../support/package.js";
import { TIMING } from "../support/rig.js";

/** Keeps rungs, and how it ended, as lines. */
function listening() {
  const told: string[] = [];
  const observer: Observer = {
    stage: () => undefined,
    rung: (rung, what, ok) => told.push(`${rung} ${what}: ${ok}`),
    recovered: (state, rung) => told.push(`${state} by ${rung}`),
  };
  return { told, observer };
}

const short = (told: readonly string[]) => told.map((line) => line.replace(/^(\d) .*: (true|false)$/, "$1 $2"));

const planT01 = (): Plan => planOf(syntheticSet("t01"));
const reference = (): Reference => ({
  plan: planOf(syntheticSet("t02")),
  expected: { profile: "t02", version: "2.0.106" },
});

/** BOOT's wire is broken: only boot2 leads to the ROM. */
const BOOT_OPEN = { wiring: { boot: "open" } };

test("without BOOT the ROM is reached through boot2, where rung 6 is allowed; and the module can be flashed", async () => {
  const { rig, deadline, module } = simBench(BOOT_OPEN);
  const { told, observer } = listening();
  await expect(openModule(rig, deadline, observer)).rejects.toMatchObject({ code: "NOT_IN_ROM" });
  await expect(openModule(rig, deadline, observer, { top: 5 })).rejects.toMatchObject({ code: "NOT_IN_ROM" });
  expect(told.splice(0)).toEqual(["5 power cycle: false"]);
  const session = await openModule(rig, deadline, observer, { top: 6 });
  expect(told).toEqual(["5 power cycle: false", "6 boot2's ISP window: true", "recovered by 6"]);
  const plan = planT01();
  await flashModule(session, plan, deadline);
  for (const step of plan.steps) {
    if (step.op === "write" && step.mode === "plain")
      expect(Buffer.from(module.flash.subarray(step.address, step.address + step.bytes)).equals(step.payload)).toBe(
        true,
      );
  }
});

test("a module that went silent after a T01 is cured by the whole-chip erase, and by nothing below it", async () => {
  const { rig, deadline, module } = simBench({ quirks: { t01Reflash: true } });
  await flashModule(await openModule(rig, deadline), planT01(), deadline);
  await strap(rig, "application", deadline);
  const { told, observer } = listening();
  await expect(openModule(rig, deadline, observer, { top: 6 })).rejects.toMatchObject({ code: "SET_PARA_SILENT" });
  expect(short(told.splice(0))).toEqual(["1 false", "2 false", "3 false", "4 false", "5 false", "6 false"]);
  expect(module.flash.every((byte) => byte === 0xff)).toBe(false);
  await openModule(rig, deadline, observer, { top: 7 });
  expect(short(told).slice(-2)).toEqual(["7 true", "recovered by 7"]);
  expect(module.flash.every((byte) => byte === 0xff)).toBe(true);
});

/** A module that has latched up: nothing but a loss of supply brings it back. */
function latched(straps: Straps): Straps {
  let stuck = true;
  return {
    async set(line, asserted, deadline) {
      if (line === "power" && !asserted) stuck = false;
      if (!(stuck && line === "chipEn")) await straps.set(line, asserted, deadline);
    },
    [Symbol.asyncDispose]: () => straps[Symbol.asyncDispose](),
  };
}

test("a module that has latched up: the power is off for its time, with CHIP_EN low", async () => {
  const { rig, deadline, clock } = simBench({}, { timing: { ...TIMING, powerOffMs: 700 } });
  if (rig.straps === undefined) throw new Error("the bench drives lines");
  const straps = latched(rig.straps);
  const drives: string[] = [];
  const logged: Straps = {
    ...straps,
    set: async (line, asserted, within) => {
      drives.push(`${line} ${asserted} ${Math.round(clock.now())}`);
      await straps.set(line, asserted, within);
    },
  };
  const { told, observer } = listening();
  await openModule({ ...rig, straps: logged }, deadline, observer, { top: 8, reference: undefined });
  expect(told).toEqual(["5 power cycle: true", "recovered by 5"]);
  const [off, on] = drives.filter((drive) => drive.startsWith("power")).map((drive) => Number(drive.split(" ")[2]));
  expect((on ?? 0) - (off ?? 0)).toBe(700);
  const before = drives[drives.findIndex((drive) => drive.startsWith("power false")) - 1];
  expect(before).toMatch(/^chipEn false/);
});

test("a line that is dead: what the rig has not got is said, no erase is tried, and nobody calls the module bricked", async () => {
  const { rig, deadline } = simBench({ wiring: { txRx: "open" } }, { switchesPower: false });
  const { told, observer } = listening();
  await expect(openModule(rig, deadline, observer, { top: 8 })).rejects.toMatchObject({ code: "NOT_IN_ROM" });
  expect(told).toEqual(["5 power cycle: this rig has none: false", "6 boot2's ISP window: false"]);
});

test("a module that answers everything but set-para, whatever is done: bricked", async () => {
  const { rig, deadline } = simBench({ faults: [{ at: { command: "flashSetPara" }, do: "drop", count: 1000 }] });
  const { told, observer } = listening();
  const opening = openModule(rig, deadline, observer, { top: 8 });
  await expect(opening).rejects.toMatchObject({ code: "SET_PARA_SILENT" });
  expect(told.slice(4)).toEqual([
    "5 power cycle: false",
    "6 boot2's ISP window: false",
    "7 whole-chip erase: false",
    "8 reference firmware: this rig has none: false",
    "bricked by 8",
  ]);
});

test.each(["flip", "drop"])("answers to boot info that come to harm (%s) are no reason to erase", async (what) => {
  const { rig, deadline, module } = simBench({ faults: [{ at: { command: "getBootInfo" }, do: what, count: 4 }] });
  const before = Buffer.from(module.flash);
  const ended = openModule(rig, deadline, undefined, { top: 7 }).then(
    () => "open",
    ({ blame }) => blame as string,
  );
  expect(["open", "link"]).toContain(await ended);
  expect(before.equals(module.flash)).toBe(true);
});

test("a link that is too slow was found out on rung 4: no power cycle and no erase follows", async () => {
  const { rig, deadline, module } = simBench({ link: { maxBaud: 1_000_000 } });
  const before = Buffer.from(module.flash);
  const { told, observer } = listening();
  const opening = openModule(rig, deadline, observer, { top: 8, reference: reference() });
  await expect(opening).rejects.toMatchObject({ code: "LINK_TOO_SLOW" });
  expect(short(told)).toEqual(["1 false", "2 false", "3 false", "4 true"]);
  expect(before.equals(module.flash)).toBe(true);
});

const ERASE_CHIP = 0x3c;
const WRITE = 0x31;

/** The same wire, that changes a byte of every plain write until so many chip erases have gone by. */
function spoiling(wire: Wire, erases: number): Wire {
  let left = erases;
  return {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      if (bytes[0] === ERASE_CHIP) left--;
      const spoiled = bytes[0] === WRITE && left > 0 ? unchecked(bytes) : bytes;
      await wire.write(spoiled, deadline);
    },
    read: (deadline) => wire.read(deadline),
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

/** A write whose first byte of data has changed; the checksum of 0 is not looked at. */
function unchecked(frame: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(frame);
  changed[1] = 0;
  changed[8] = ~(changed[8] ?? 0);
  return changed;
}

const little = () =>
  planOf(plainSet([{ section: "data", address: 0x1000, bytes: Buffer.alloc(4096, "data") }]), {
    compress: "off",
  });

test.each([
  [1, 6, "VERIFY_MISMATCH", []],
  [1, 7, undefined, ["7 true", "recovered by 7"]],
  [2, 7, "VERIFY_MISMATCH", ["7 false"]],
  [2, 8, "VERIFY_MISMATCH", ["7 false", "8 true", "recovered by 8"]],
] as const)(
  "programming that goes wrong until erase number %i of the chip, up to rung %i: %s",
  async (erases, top, code, rungs) => {
    const { rig, deadline, module } = simBench();
    const spoiled: Rig = { ...rig, wire: spoiling(rig.wire, erases) };
    const { told, observer } = listening();
    const session = await openModule(spoiled, deadline);
    const work = flashModule(session, little(), deadline, observer, { top, reference: reference() });
    if (code === undefined) await work;
    else await expect(work).rejects.toMatchObject({ code });
    expect(short(told)).toEqual(rungs);
    const good = Buffer.from(module.flash.subarray(0x1000, 0x2000)).equals(Buffer.alloc(4096, "data"));
    expect(good).toBe(code === undefined);
  },
);
