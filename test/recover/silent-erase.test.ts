import { describe, expect, test } from "@jest/globals";
import type { HarnessError } from "../../harness/base/errors.js";
import type { Wire } from "../../harness/base/wire.js";
import { planOf } from "../../harness/flash/plan.js";
import { eraseChip, eraseRange } from "../../harness/recover/erase.js";
import { flashModule } from "../../harness/recover/flash.js";
import { openModule } from "../../harness/recover/open.js";
import type { Recovery } from "../../harness/recover/rung.js";
import type { Observer } from "../../harness/session/stage.js";
import { strap } from "../../harness/session/strap.js";
import { simBench } from "../support/bench.js";
import { plainSet, syntheticSet } from "../support/package.js";
import { tapped } from "../support/tap.js";

const FILES = [0x10000, 0x20000, 0x30000].map((address, index) => ({
  section: `file${index}`,
  address,
  bytes: new Uint8Array(5000).fill(index + 1),
}));
/** An erase before each file, as the mfg ini has it. */
const EACH = planOf({ ...plainSet(FILES), findings: [] });
const CHIP = planOf({ ...plainSet(FILES, { erase: 2 }), findings: [] });

type Job = (bench: ReturnType<typeof simBench>, observer: Observer) => Promise<unknown>;
const flash =
  (plan: typeof EACH, recovery?: Recovery): Job =>
  async ({ rig, deadline }, observer) =>
    flashModule(await openModule(rig, deadline, observer), plan, deadline, observer, recovery);
const wholeChip: Job = ({ rig, deadline }, observer) => eraseChip(rig, deadline, observer);
const range: Job = ({ rig, deadline }, observer) =>
  eraseRange(rig, { start: 0xf000, end: 0x10000 }, deadline, observer);

/** The same wire, on which only half of each answer to a chip erase arrives. */
function halved(wire: Wire): Wire {
  let isErase = false;
  return {
    get baud() {
      return wire.baud;
    },
    write(bytes, deadline) {
      isErase = bytes[0] === 0x3c;
      return wire.write(bytes, deadline);
    },
    async read(deadline) {
      const chunk = await wire.read(deadline);
      return isErase ? chunk.subarray(0, 1) : chunk;
    },
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

const always = (command: string, what: string) => ({ at: { command }, do: what, count: 1000 });

/** Does the job on a module with these traits, and keeps how it ended, how long it took and what was told. */
async function played(job: Job, sim: Record<string, unknown>) {
  const bench = simBench(sim);
  const { wire, sent } = tapped(bench.rig.wire);
  const waiting: { what: string; mostMs: number; atMs: number }[] = [];
  const rungs: string[] = [];
  const notes: string[] = [];
  const observer: Observer = {
    stage: () => undefined,
    waiting: (what, mostMs) => waiting.push({ what, mostMs, atMs: bench.clock.now() }),
    rung: (rung, _, ok) => rungs.push(`${rung} ${ok}`),
    note: (message) => notes.push(message),
  };
  const error = await job({ ...bench, rig: { ...bench.rig, wire } }, observer).then(
    () => undefined,
    (thrown: HarnessError) => thrown,
  );
  const erases = sent.filter((frame) => /^(30..0800|3c......$)/.test(frame)).length;
  const waits = waiting.map(({ mostMs }) => mostMs / 1000);
  const seconds = bench.clock.now() / 1000;
  return { error, seconds, waiting, waits, rungs, notes, erases, module: bench.module };
}

/** What strap sequences, set-up and questions take beside the waits: so much a try at most. */
const BESIDE_S = 6;

describe("an erase that is never answered, while the ROM answers boot info: its flash, not the link", () => {
  test.each([
    ["flash, chip erase", flash(CHIP), "flashChipErase", [100, 10, 10]],
    ["flash, an erase before each file", flash(EACH), "flashErase", [100, 10, 10]],
    ["erase --whole-chip", wholeChip, "flashChipErase", [100, 10]],
    ["erase --start --length", range, "flashErase", [100, 10]],
  ] as const)("%s", async (_, job, command, waits) => {
    const { error, seconds, ...told } = await played(job, { faults: [always(command, "drop")] });
    expect(error).toMatchObject({
      code: "ERASE_SILENT",
      blame: "module",
      message: expect.stringContaining(
        `${command} at 2000000 Bd: nothing came in 10000 ms; not answered in ${waits.length} waits (${waits.map((each) => `${each} s`).join(", ")}); boot info, asked then, was answered each time`,
      ),
      advice: expect.stringContaining("Cut the module's power"),
      details: {
        command,
        baud: 2_000_000,
        waits: waits.map((each) => ({
          command,
          waitedMs: each * 1000,
          bootInfo: true,
          session: each === 10 ? "kept" : "ended",
        })),
        flash: { erase: "begun" },
      },
    });
    const least = waits.reduce((sum, each) => sum + each, 0);
    expect(seconds).toBeGreaterThan(least);
    expect(seconds).toBeLessThan(least + BESIDE_S * waits.length);
    expect(told.waits).toEqual(waits);
    expect(told.erases).toBe(waits.length);
  });
});

describe("an erase that is never answered, and boot info neither: one more full wait, and no third", () => {
  const jobs = [
    ["flash, chip erase", flash(CHIP), "flashChipErase"],
    ["flash, an erase before each file", flash(EACH), "flashErase"],
    ["erase --whole-chip", wholeChip, "flashChipErase"],
    ["erase --start --length", range, "flashErase"],
  ] as const;

  test.each(jobs)("%s: silent until its reset", async (_, job, command) => {
    const { error, seconds, waits, erases } = await played(job, { faults: [always(command, "silent")] });
    expect(error).toMatchObject({
      code: "COMMAND_TIMEOUT",
      blame: "link",
      message: expect.stringContaining(
        "not answered in 2 waits (100 s, 100 s); boot info, asked then, was not answered either",
      ),
      advice: expect.stringContaining("look at its power"),
      details: {
        waits: [100_000, 100_000].map((waitedMs) => ({ command, waitedMs, bootInfo: false })),
      },
    });
    expect(seconds).toBeGreaterThan(200);
    expect(seconds).toBeLessThan(200 + 2 * BESIDE_S);
    expect(waits).toEqual([100, 100]);
    expect(erases).toBe(2);
  });

  test.each(jobs)("%s: a flash that is busy for ever", async (_, job, _command) => {
    const { error, seconds } = await played(job, { flash: { chipEraseMs: 1e9, sectorEraseMs: 1e9 } });
    expect(error).toMatchObject({
      code: "COMMAND_TIMEOUT",
      details: { waits: [{ bootInfo: false }, { bootInfo: false }] },
    });
    expect(seconds).toBeLessThan(200 + 2 * BESIDE_S);
  });
});

test.each(["reset", "cutPower"])(
  "a module that loses itself in each erase (%s): its supply may be it, not its flash",
  async (what) => {
    const faults = [{ at: { stage: "erase" }, do: what, count: 1000 }];
    const { error, waits } = await played(flash(EACH), { contents: "blank", faults });
    expect(error).toMatchObject({
      code: "COMMAND_TIMEOUT",
      blame: "link",
      message: expect.stringContaining("answered each time, in a new session: the module has reset itself"),
      advice: expect.stringContaining("look at its supply"),
    });
    expect(waits).toEqual([100, 10, 10]);
  },
);

test("a ROM that ends its sessions soon: nobody knows whether it has reset itself", async () => {
  const sim = { quirks: { romVersion: 1 }, faults: [always("flashChipErase", "drop")] };
  const { error, waits } = await played(wholeChip, sim);
  expect(error).toMatchObject({
    code: "COMMAND_TIMEOUT",
    details: { waits: [{ session: "ended" }, { session: "ended" }] },
  });
  expect(error?.message).toContain("boot info, asked then, was answered each time: the ROM is there");
  expect(waits).toEqual([100, 10]);
});

describe("one silence is healed", () => {
  const holds = ({ module }: Awaited<ReturnType<typeof played>>) =>
    FILES.every(({ address, bytes }) => Buffer.from(module.flash.subarray(address, address + 5000)).equals(bytes));

  test.each(["silent", "drop"])("the second file's erase: %s", async (what) => {
    const came = await played(flash(EACH), { faults: [{ at: { command: "flashErase", nth: 2 }, do: what }] });
    expect(came).toMatchObject({ error: undefined, waits: [100], erases: 4 });
    expect(came.seconds).toBeLessThan(100 + 3 * BESIDE_S);
    expect(came.waiting[0]).toMatchObject({ what: "flashErase", mostMs: 100_000 });
    expect(holds(came)).toBe(true);
  });

  test("a lost answer for each file: the first is waited for in full, all others 10 s", async () => {
    const faults = [1, 3, 5].map((nth) => ({ at: { command: "flashErase", nth }, do: "drop" }));
    const came = await played(flash(EACH), { faults });
    expect(came).toMatchObject({ error: undefined, waits: [100, 10, 10], erases: 6 });
    expect(came.notes.join()).not.toContain("each time");
    expect(holds(came)).toBe(true);
  });

  test("three silences of a ROM that said nothing: no more than two full waits", async () => {
    const faults = [1, 3, 5].map((nth) => ({ at: { command: "flashErase", nth }, do: "silent" }));
    expect(await played(flash(EACH), { faults })).toMatchObject({ error: undefined, waits: [100, 100, 10] });
  });

  test("half an answer is none: what is missing of it is waited for as long, and no longer", async () => {
    const job: Job = async (bench, observer) =>
      wholeChip({ ...bench, rig: { ...bench.rig, wire: halved(bench.rig.wire) } }, observer);
    const came = await played(job, {});
    expect(came).toMatchObject({
      error: {
        code: "ERASE_SILENT",
        message: expect.stringContaining("only 4f came in 10000 ms"),
        details: { bytes: "4f" },
      },
      waits: [100, 10],
    });
  });
});

describe("what is late", () => {
  const late = (command: string, forMs: number) => [{ at: { command }, do: "delay", forMs }];

  test("within the budget it is as ever, and the wait was told after some seconds", async () => {
    const came = await played(wholeChip, { faults: late("flashChipErase", 60_000) });
    expect(came).toMatchObject({ error: undefined, waits: [100], erases: 1, notes: [] });
    expect(came.waiting[0]?.atMs).toBeGreaterThan(3000);
    expect(came.waiting[0]?.atMs).toBeLessThan(3000 + 1000 * BESIDE_S);
  });

  test.each([
    ["flash, chip erase", flash(CHIP), "flashChipErase", {}, 1],
    ["flash, an erase before each file", flash(EACH), "flashErase", {}, 3],
    ["erase --whole-chip", wholeChip, "flashChipErase", {}, 1],
    ["erase --start --length", range, "flashErase", {}, 1],
    ["a device that says OK twice", wholeChip, "flashChipErase", { doubleOk: true }, 1],
    ["an old ROM, whose boot info has no CRC", wholeChip, "flashChipErase", { romVersion: 1 }, 1],
  ] as const)(
    "an OK while boot info is asked is the erase's: the work goes on (%s)",
    async (_, job, command, quirks, erases) => {
      const came = await played(job, { quirks, faults: late(command, 101_000) });
      expect(came).toMatchObject({ error: undefined, erases, waits: [100] });
      expect(came.notes).toEqual([`bench: ${command} was answered late, after more than 100 s`]);
      expect(came.seconds).toBeLessThan(101 + 2 * BESIDE_S);
    },
  );

  test("a device that says OK twice is not taken for one that is late", async () => {
    const came = await played(wholeChip, { quirks: { doubleOk: true }, faults: [always("flashChipErase", "drop")] });
    expect(came).toMatchObject({ error: { code: "ERASE_SILENT" }, waits: [100, 10] });
  });

  test("a refusal while boot info is asked is the erase's", async () => {
    const faults = [{ ...late("flashChipErase", 101_000)[0], count: 2 }];
    const { error } = await played(wholeChip, { quirks: { flashFails: true }, faults });
    expect(error).toMatchObject({ code: "COMMAND_REFUSED", details: { command: "flashChipErase", status: 3 } });
  });
});

describe("what is told", () => {
  test("a normal erase, and one that is refused, tell nothing", async () => {
    expect(await played(flash(CHIP), {})).toMatchObject({ error: undefined, waiting: [] });
    const refused = await played(wholeChip, { quirks: { flashFails: true } });
    expect(refused).toMatchObject({ error: { code: "COMMAND_REFUSED", blame: "module" }, waiting: [] });
  });

  test("a flash that says that it is busy (PD): once, and it is waited for as ever", async () => {
    const sim = { flash: { chipEraseMs: 90_000 }, quirks: { pendingPerErase: 1 } };
    expect(await played(wholeChip, sim)).toMatchObject({ error: undefined, waits: [100], erases: 1 });
    const forEver = { flash: { chipEraseMs: 1e9 }, quirks: { pendingPerErase: 1 } };
    const came = await played(flash(CHIP), forEver);
    expect(came).toMatchObject({ error: { code: "COMMAND_TIMEOUT" }, waits: [100, 100], erases: 2 });
    expect(came.error?.message).toContain("still busy (PD) after 100000 ms; not answered in 2 waits (100 s, 100 s)");
  });
});

describe("the rungs that erase", () => {
  /** A module whose set-para went silent, and whose chip erase is not answered either. */
  const muted = async (what: string, top: number) =>
    played(
      async ({ rig, deadline }, observer) => {
        await flashModule(await openModule(rig, deadline), planOf(syntheticSet("t01"), { erase: "needed" }), deadline);
        await strap(rig, "application", deadline);
        const start = deadline.clock.now();
        const plan = planOf(syntheticSet("t02"));
        const reference = { plan, expected: { profile: "t02", version: "2.0.106" } } as const;
        await openModule(rig, deadline, observer, { top, reference }).catch((error) => {
          throw Object.assign(error, { took: (deadline.clock.now() - start) / 1000 });
        });
      },
      { quirks: { t01Reflash: true }, faults: [always("flashChipErase", what)] },
    );

  test.each([
    ["drop", 7, [100]],
    ["silent", 7, [100]],
    ["drop", 8, [100, 10]],
    ["silent", 8, [100, 100]],
  ] as const)("on the way to a session: %s, up to rung %i", async (what, top, waits) => {
    const came = await muted(what, top);
    expect(came.error).toMatchObject({ code: "SET_PARA_SILENT", blame: "module" });
    expect(came.waits).toEqual(waits);
    expect(came.rungs.slice(6)).toEqual(waits.map((_, index) => `${7 + index} false`));
  });

  test("after a flash: each further wait is short, and the whole-chip erase may help where the sectors' is silent", async () => {
    const silent = await played(flash(CHIP, { top: 7 }), { faults: [always("flashChipErase", "drop")] });
    expect(silent).toMatchObject({ error: { code: "ERASE_SILENT" }, waits: [100, 10, 10, 10], rungs: ["7 false"] });
    const sectors = planOf({ ...plainSet(FILES.slice(0, 1)), findings: [] });
    const faults = [{ at: { command: "flashErase" }, do: "drop", count: 3 }];
    const helped = await played(flash(sectors, { top: 7 }), { faults });
    expect(helped).toMatchObject({ error: undefined, waits: [100, 10, 10], rungs: ["7 true"] });
  });
});

test("a rig that drives no lines waits as long, and no longer", async () => {
  const job: Job = async ({ rig, deadline }, observer) => {
    await rig.straps?.set("boot", true, deadline);
    await rig.straps?.set("chipEn", true, deadline);
    const undriven = { ...rig, straps: undefined };
    await flashModule(await openModule(undriven, deadline, observer), CHIP, deadline, observer);
  };
  const came = await played(job, { faults: [always("flashChipErase", "drop")] });
  expect(came).toMatchObject({ error: { code: "ERASE_SILENT" }, waits: [100, 10, 10] });
});
