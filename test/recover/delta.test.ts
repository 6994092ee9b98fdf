import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import type { Wire } from "../../harness/base/wire.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { sparedBy } from "../../harness/flash/spared.js";
import { flashDelta } from "../../harness/recover/delta.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { deltaCosts } from "../bench/delta.js";
import { simBench } from "../support/bench.js";
import { faulty, type LineFault } from "../support/faulty.js";
import { plainSet, syntheticSet } from "../support/package.js";
import "../support/properties.js";

const SECTOR = 4096;
/** 512 KiB: a virtual flash that a test may flash many times. */
const SMALL = "c46013";

/** Code-like bytes: no two sectors alike. */
const code = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (Math.imul(at ^ (seed << 9), 0x9e37_79b1) >>> 13) & 0x7f);

const FILES = [
  { section: "boot", address: 0, bytes: code(13_000, 1) },
  { section: "table", address: 0x6000, bytes: code(308, 2) },
  { section: "app", address: 0x8000, bytes: code(200_000, 3) },
  // Mostly blank, as a file system is.
  { section: "files", address: 0x50000, bytes: new Uint8Array(60_000).fill(0xff).fill(0x11, 0, 5000) },
];
const CHIP = planOf({ ...plainSet(FILES, { erase: 2 }), findings: [] });
const EACH = planOf({ ...plainSet(FILES, { erase: 1 }), findings: [] });

interface Told {
  readonly notes: string[];
  readonly erased: number[];
  readonly stages: string[];
}

/** Flashes by what differs, over this wire, and keeps what was told. */
async function flashed({ rig, deadline }: ReturnType<typeof simBench>, plan: Plan, wire: Wire = rig.wire) {
  const told: Told = { notes: [], erased: [], stages: [] };
  const observer = {
    stage: ({ stage }: { stage: string }) => void told.stages.push(stage),
    note: (note: string) => void told.notes.push(note),
    wear: ({ first, sectors = 0 }: { first: number; sectors?: number }) =>
      void told.erased.push(...Array.from({ length: sectors }, (_, index) => first + index)),
  };
  const session = await openModule({ ...rig, wire }, deadline, observer);
  const { delta } = await flashDelta(session, plan, deadline, observer);
  return { delta, ...told };
}

/** A small module that a plan was carried out on, over what was there. */
async function holding(plan: Plan, options: Record<string, unknown> = {}, before?: (flash: Uint8Array) => void) {
  const bench = simBench({ contents: "blank", jedec: SMALL, ...options });
  before?.(bench.module.flash);
  await programModule(await openModule(bench.rig, bench.deadline), plan, bench.deadline);
  return bench;
}

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

test("what is there already is told, and neither erased nor sent", async () => {
  const bench = await holding(CHIP);
  const before = bench.module.flash.slice();
  const { delta, notes, erased, stages } = await flashed(bench, CHIP);
  expect(delta).toEqual({ hashed: 0x80000, differing: [], sent: 0, skipped: 0x80000 });
  expect({ notes, erased }).toEqual({ notes: [], erased: [] });
  expect(stages.filter((stage) => /^(erase|write)/.test(stage))).toEqual([]);
  expect(same(bench.module.flash, before)).toBe(true);
});

test("one byte differs in each file: its sector alone is erased and sent, and where nothing is to be, erased alone", async () => {
  const bench = await holding(CHIP);
  const before = bench.module.flash.slice();
  for (const at of [0x1234, 0x6000, 0x20001, 0x5c000]) bench.module.flash[at] = 0x80;
  const { delta, erased, notes } = await flashed(bench, CHIP);
  const sectors = [0x1000, 0x6000, 0x20000, 0x5c000];
  expect(delta.differing).toEqual(sectors.map((address) => ({ address, bytes: SECTOR })));
  expect(delta).toMatchObject({ sent: 2 * SECTOR + 512, skipped: 0x80000 - 4 * SECTOR });
  expect(erased.toSorted((a, b) => a - b)).toEqual(sectors.map((address) => address / SECTOR));
  expect(notes).toEqual([]);
  expect(same(bench.module.flash, before)).toBe(true);
});

test("another life beyond all files: a plan that erases the chip leaves nothing of it, one that erases sectors all", async () => {
  const dirt = (flash: Uint8Array) => flash.fill(0x42, 0x70000, 0x70010);
  const chip = await holding(CHIP);
  dirt(chip.module.flash);
  expect((await flashed(chip, CHIP)).delta.differing).toEqual([{ address: 0x70000, bytes: SECTOR }]);
  expect(chip.module.flash.subarray(0x70000).every((byte) => byte === 0xff)).toBe(true);

  const each = await holding(EACH);
  dirt(each.module.flash);
  expect((await flashed(each, EACH)).delta).toMatchObject({ hashed: 0x45000, differing: [] });
  expect(each.module.flash[0x70000]).toBe(0x42);
});

test("a range that a plan keeps is neither hashed nor erased nor written", async () => {
  const skip = [{ address: 0x10000, bytes: 0x4000 }];
  const plan = planOf({ ...plainSet(FILES, { erase: 1, skip }), findings: [] });
  const bench = await holding(plan);
  bench.module.flash.fill(0x42, 0x10000, 0x14000);
  bench.module.flash[0x14000] = 0x80;
  expect((await flashed(bench, plan)).delta).toMatchObject({
    hashed: 0x41000,
    differing: [{ address: 0x14000, bytes: SECTOR }],
  });
  expect(bench.module.flash.subarray(0x10000, 0x14000).every((byte) => byte === 0x42)).toBe(true);
});

describe("what differs too much, or cannot be compared, is flashed as ever, and that is no trouble", () => {
  test("another firmware: seen by a few samples, before anything is erased", async () => {
    const bench = simBench({ contents: "blank" });
    const { delta, erased, notes, stages } = await flashed(bench, planOf(syntheticSet("t01")));
    expect(delta).toMatchObject({ whole: "so much differs that all of it costs less", skipped: 0 });
    expect({ erased, notes }).toEqual({ erased: [], notes: [] });
    expect(stages.some((stage) => stage.startsWith("compare"))).toBe(false);
    expect(stages).toContain("erase-chip");
  });

  test("a device that does not hash", async () => {
    const bench = await holding(CHIP);
    bench.module.flash[0x70000] = 0;
    const options = { contents: "blank", jedec: SMALL, quirks: { lacks: [0x3d, 0x3e] } };
    const { delta } = await flashed(simBench(options), CHIP);
    expect(delta.whole).toBe("the device does not hash its flash");
  });

  test("a plan that erases nothing; files that lie over one another", async () => {
    const none = planOf({ ...plainSet(FILES), findings: [] }, { erase: "none" });
    const bench = simBench({ contents: "blank", jedec: SMALL });
    expect((await flashed(bench, none)).delta.whole).toMatch(/^plain erases nothing/);
    const over = [FILES[0], { section: "over", address: 100, bytes: code(10, 1).fill(0) }].flatMap(
      (file) => file ?? [],
    );
    await expect(flashed(bench, planOf({ ...plainSet(over, { erase: 2 }), findings: [] }))).resolves.toMatchObject({
      delta: { whole: "files of plain lie over one another" },
    });
  });
});

test("what may not be flashed is refused before anything is asked of the flash or erased", async () => {
  const bench = simBench({ locked: false });
  const before = bench.module.flash.slice();
  await expect(flashed(bench, planOf(syntheticSet("t01")))).rejects.toMatchObject({ code: "MODULE_UNLOCKED" });
  expect(same(bench.module.flash, before)).toBe(true);
});

describe("an erase that fails silently, cells that stick", () => {
  test.each([
    ["an erase that does nothing", { deadSectors: [0x21000] }],
    ["a bit that stays 1", { stuckBits: [{ address: 0x21008, bit: 7, value: 1 }] }],
  ])("%s: the plan itself is tried once, and its error is the answer", async (_, quirks) => {
    const bench = simBench({ contents: "blank", jedec: SMALL, quirks });
    for (const { address, bytes } of FILES) bench.module.flash.set(bytes, address);
    bench.module.flash[0x21008] = 0x40;
    const session = await openModule(bench.rig, bench.deadline);
    const notes: string[] = [];
    const observer = { stage: () => undefined, note: (note: string) => void notes.push(note) };
    await expect(flashDelta(session, CHIP, bench.deadline, observer)).rejects.toMatchObject({
      code: "VERIFY_MISMATCH",
      blame: "module",
      details: { flash: { erase: "chip" } },
    });
    expect(notes.filter((note) => note.endsWith("all of plain is flashed instead"))).toHaveLength(1);
  });
});

test("a sector beyond all files that cannot be erased: told, and left to the plan, which says nothing of it", async () => {
  const bench = simBench({ contents: "blank", jedec: SMALL, quirks: { deadSectors: [0x70000] } });
  for (const { address, bytes } of FILES) bench.module.flash.set(bytes, address);
  bench.module.flash[0x70000] = 0x42;
  const { delta, notes } = await flashed(bench, CHIP);
  expect(delta.whole).toMatch(/^blank flash: 4096 bytes at 0x70000: expected SHA-256 .* wrong each time/);
  expect(notes.at(-1)).toMatch(/all of plain is flashed instead$/);
});

/** The same wire; `poke` is called once, when a command with this opcode leaves for the `nth` time. */
function poking(wire: Wire, opcode: number, nth: number, poke: () => void): Wire {
  let seen = 0;
  return {
    get baud() {
      return wire.baud;
    },
    write: async (bytes, deadline) => {
      if (bytes[0] === opcode && ++seen === nth) poke();
      return wire.write(bytes, deadline);
    },
    read: (deadline) => wire.read(deadline),
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

describe("content that changes behind our back, once it was compared", () => {
  test.each([
    ["a file, as another is erased", 0x30, 1, 0x1000],
    ["blank flash, as a file is written", 0x3f, 1, 0x7000],
    ["what was just mended", 0x3a, 1, 0x20100],
  ])("%s: the plan itself is carried out, which is told", async (_, opcode, nth, at) => {
    const bench = await holding(CHIP);
    const before = bench.module.flash.slice();
    bench.module.flash.fill(0, 0x20000, 0x22000);
    const wire = poking(bench.rig.wire, opcode, nth, () => bench.module.flash.fill(0, at, at + 16));
    const { delta, notes } = await flashed(bench, CHIP, wire);
    expect(same(bench.module.flash, before)).toBe(true);
    if (at === 0x20100) return;
    expect(delta.whole).toMatch(/ is not what it was$/);
    expect(notes).toEqual([expect.stringMatching(/^bench: .* is not what it was; all of plain is flashed instead$/)]);
  });
});

describe("a flash that ends early says what the module is left with", () => {
  const LOST = new HarnessError("PORT_LOST", "bench: the port went away while it was open");
  test.each([
    ["as it is compared: untouched, and nothing is said", 0x3e, 5, undefined],
    ["as it is mended", 0x3f, 1, "sectors are erased and 0 % is written (0 of 8192 bytes): plain is not whole on it"],
    ["as it is compared again", 0x3e, 28, "sectors are erased and everything is written, but not all of it is proven"],
  ])("%s", async (_, opcode, nth, left) => {
    const bench = await holding(CHIP);
    bench.module.flash.fill(0, 0x20000, 0x22000);
    const wire = poking(bench.rig.wire, opcode, nth, () => {
      throw LOST;
    });
    await expect(flashed(bench, CHIP, wire)).rejects.toMatchObject({
      code: "PORT_LOST",
      message: left === undefined ? LOST.message : `${LOST.message}; ${left}`,
    });
  });
});

test("a line that brings trouble anywhere, as it is asked or mended: the flash is right, or it is the link's fault", async () => {
  const kinds = fc.constantFrom<LineFault["kind"]>("drop", "flip", "insert", "double", "silence", "truncate");
  const toward = fc.constantFrom<LineFault["toward"]>("module", "host");
  const fault = fc.record({ toward, at: fc.nat(2500), kind: kinds, value: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 3 }), async (faults) => {
      const bench = simBench({ contents: "blank", jedec: SMALL });
      for (const { address, bytes } of FILES) bench.module.flash.set(bytes, address);
      const wanted = bench.module.flash.slice();
      for (const at of [0x100, 0x21000, 0x70000]) bench.module.flash[at] = 0x80;
      // The way into the ROM has tests of its own: what goes wrong does so behind it.
      const session = await openModule(bench.rig, bench.deadline);
      const wire = faulty(bench.rig.wire, faults);
      Object.assign(session.rom, { wire });
      const trouble = await flashDelta({ ...session, rig: { ...bench.rig, wire } }, CHIP, bench.deadline).then(
        () => undefined,
        (error: HarnessError) => error,
      );
      if (trouble === undefined) expect(same(bench.module.flash, wanted)).toBe(true);
      else expect(trouble).toMatchObject({ code: "NOT_IN_ROM", blame: "rig" });
    }),
    { numRuns: 40 },
  );
});

test("one sector that differs, wherever it is, is found, and no other is erased", async () => {
  const bench = await holding(CHIP);
  const before = bench.module.flash.slice();
  await fc.assert(
    fc.asyncProperty(fc.nat(0x7ffff), async (at) => {
      bench.module.flash[at] = (bench.module.flash[at] ?? 0) ^ 0x80;
      const { erased, delta } = await flashed(bench, CHIP);
      expect(erased).toEqual([Math.floor(at / SECTOR)]);
      expect(delta).toMatchObject({ differing: [{ address: at - (at % SECTOR), bytes: SECTOR }] });
      expect(same(bench.module.flash, before)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("any dirt: afterwards the flash is what the plan itself makes of it, and no sector beyond it was erased", async () => {
  const dirt = fc.array(
    fc.record({ at: fc.nat(0x7ffff), length: fc.integer({ min: 1, max: 20_000 }), value: fc.nat(255) }),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(dirt, fc.constantFrom(CHIP, EACH), async (spots, plan) => {
      const soil = (flash: Uint8Array) => {
        for (const { address, bytes } of FILES) flash.set(bytes, address);
        for (const { at, length, value } of spots) flash.fill(value, at, at + length);
      };
      const wanted = await holding(plan, {}, soil);
      const bench = simBench({ contents: "blank", jedec: SMALL });
      soil(bench.module.flash);
      const was = bench.module.flash.slice();
      const { delta, erased } = await flashed(bench, plan);
      expect(same(bench.module.flash, wanted.module.flash)).toBe(true);
      for (const { address, bytes } of sparedBy(plan, 0x80000))
        for (const sector of erased) expect(sector * SECTOR < address || sector * SECTOR >= address + bytes).toBe(true);
      if (delta.whole !== undefined) return;
      expect(new Set(erased).size).toBe(erased.length);
      for (let at = 0; at < was.length; at += SECTOR)
        if (!same(was.subarray(at, at + SECTOR), bench.module.flash.subarray(at, at + SECTOR)))
          expect(erased).toContain(at / SECTOR);
    }),
    { numRuns: 60 },
  );
});

test("what it may take: the whole flash hashed once and 0.6 s; 1 s more for a sector of littlefs", async () => {
  const { identicalMs, identicalBoundMs, oneSectorMs, oneSectorBoundMs, wholeMs } = await deltaCosts();
  expect(identicalMs).toBeLessThanOrEqual(identicalBoundMs);
  expect(oneSectorMs).toBeLessThanOrEqual(oneSectorBoundMs);
  expect(oneSectorMs).toBeLessThan(wholeMs / 2);
});
