import { expect, test } from "@jest/globals";
import { syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { type Bench, scenario } from "../../harness/run/scenario.js";
import { play } from "../support/play.js";
import { playScenario } from "../support/scenario-run.js";

const PART = { name: "part", address: 0x20000, bytes: new Uint8Array(100).fill(7) };
const PRECIOUS = { bay: { simulated: false, labels: ["bench"] } };
const SIGNED = syntheticFirmware({ profile: "t01", version: "2.0.106", bytes: 16384 });

const one = (
  run: (bench: Bench) => Promise<unknown>,
  setting: Omit<Parameters<typeof playScenario>[1], "firmwares"> = {},
) =>
  playScenario(scenario({ name: "one", run: async (bench) => void (await run(bench)) }), { firmwares: [], ...setting });

test.each<[string, (bench: Bench) => Promise<void>]>([
  ["overwrite", (bench) => bench.overwrite([PART])],
  ["erase", (bench) => bench.erase(0, 4096)],
])("%s: a module that may not be lost is not even strapped", async (_, work) => {
  const [played] = await one(work, PRECIOUS);
  expect(played?.ended).toMatchObject({ verdict: "broken", fault: { code: "NOT_SACRIFICIAL", blame: "config" } });
  expect(played?.facts.filter(({ type }) => type === "line" || type === "stage")).toEqual([]);
  expect(played?.module.changes).toBe(0);
});

test("a label makes a module one that may be lost", async () => {
  const [played] = await one((bench) => bench.overwrite([PART]), {
    bay: { simulated: false, labels: ["sacrificial"] },
  });
  expect(played?.ended).toMatchObject({ verdict: "passed" });
  expect(played?.module.flash.subarray(PART.address, PART.address + 100)).toEqual(PART.bytes);
});

test.each([
  ["an image that is signed", [{ name: "image", address: 0x10000, bytes: SIGNED }]],
  ["a piece of one", [{ name: "piece", address: 0x11000, bytes: SIGNED.subarray(0x1000, 0x2000) }]],
])("a module that is not locked takes nothing unchecked, unless its rig allows it: %s", async (_, parts) => {
  const [refused] = await one((bench) => bench.overwrite(parts), { sim: { locked: false } });
  expect(refused?.ended).toMatchObject({ verdict: "broken", fault: { code: "MODULE_UNLOCKED" } });
  expect(refused?.module.changes).toBe(0);
  const rig = { allow: { efuse: false, unlocked: true } };
  const [allowed] = await one((bench) => bench.overwrite(parts), { sim: { locked: false }, rig });
  expect(allowed?.ended).toMatchObject({ verdict: "passed" });
});

test("only the sectors that the parts touch are others; with chip all the rest is blank", async () => {
  const work = (erase: "needed" | "chip") => one((bench) => bench.overwrite([PART], { erase }));
  const [[needed], [chip]] = [await work("needed"), await work("chip")];
  const magic = (at: number, played = needed) =>
    Buffer.from(played?.module.flash.subarray(at, at + 4) ?? []).toString("latin1");
  expect([magic(0), magic(0x10000)]).toEqual(["BFNP", "BFNP"]);
  expect(magic(0, chip)).toBe("\xff\xff\xff\xff");
});

test("without an erase used cells are not written over", async () => {
  const [played] = await one((bench) => bench.overwrite([{ ...PART, address: 0x10000 }], { erase: "none" }));
  expect(played?.ended).toMatchObject({ fault: { code: "FLASH_NOT_BLANK" } });
  expect(played?.module.changes).toBe(0);
});

test("bytes that the cells do not keep are told: each part is verified", async () => {
  const sim = { quirks: { stuckBits: [{ address: PART.address + 3, bit: 0, value: 0 }] } };
  const [played] = await one((bench) => bench.overwrite([PART]), { sim });
  expect(played?.ended).toMatchObject({ verdict: "failed", fault: { code: "VERIFY_MISMATCH" } });
});

test("an erase leaves its sectors blank and no other", async () => {
  const [played] = await one((bench) => bench.erase(0x10000, 4096));
  expect(played?.ended).toMatchObject({ verdict: "passed" });
  expect(played?.module.flash.subarray(0x10000, 0x11000).every((byte) => byte === 0xff)).toBe(true);
  expect(played?.module.flash.subarray(0x11000, 0x12000).every((byte) => byte === 0xff)).toBe(false);
});

test.each([
  ["overwrite", [[]], "overwrite: expected a list of { name, address, bytes }, got []"],
  ["overwrite", [PART], "overwrite: expected a list of { name, address, bytes }, got {"],
  ["overwrite", [[null]], "overwrite: expected { name: a text, address: a number, bytes }, got null"],
  ["overwrite", [[{ ...PART, bytes: "x" }]], "overwrite: expected { name: a text, address: a number, bytes }, got {"],
  [
    "overwrite",
    [[{ ...PART, bytes: new Uint8Array() }]],
    "overwrite part: expected an address of at least 0 and a length of at least 1, got 131072 and 0",
  ],
  [
    "overwrite",
    [[{ ...PART, address: Number.NaN }]],
    "overwrite part: expected an address of at least 0 and a length of at least 1, got NaN and 100",
  ],
  [
    "overwrite",
    [[PART, { ...PART, address: 0 }]],
    "overwrite part at 0x0: it has the name of part at 0x20000, or lies over it",
  ],
  [
    "overwrite",
    [[PART, { ...PART, name: "other", address: 0x20063 }]],
    "overwrite other at 0x20063: it has the name of part at 0x20000, or lies over it",
  ],
  ["overwrite", [[PART], { erase: "all" }], "overwrite, erase: expected needed, chip, none, got 'all'"],
  ["erase", ["0", 4096], "erase: expected an address of at least 0 and a length of at least 1, got '0' and 4096"],
  ["erase", [0], "erase: expected an address of at least 0 and a length of at least 1, got 0 and undefined"],
  [
    "flash",
    [{}, 3],
    "flash, its session: expected one of openSession or enterThroughBoot2, or { session, delta }, got 3",
  ],
  ["flash", [{}, { session: {} }], "flash, its session: expected one of openSession or enterThroughBoot2, got {}"],
  ["flash", [{}, { delta: "yes" }], "flash, delta: expected true or false, got 'yes'"],
  ["flash", [{}, { delat: true }], "flash, delat: expected session or delta alone, got true"],
])("%s(%j): refused with what was expected", async (name, args, message) => {
  const { verdict, fault } = await play((bench) => bench[name]?.(...args));
  expect({ verdict, code: fault?.code }).toEqual({ verdict: "broken", code: "SCENARIO_INVALID" });
  expect(fault?.message.startsWith(message)).toBe(true);
});

test.each([
  ["overwrite", [[PART]]],
  ["erase", [0, 4096]],
  ["enterThroughBoot2", []],
])("%s that nobody awaits has proved nothing", async (name, args) => {
  const { verdict, fault } = await play((bench) => {
    const begun = bench[name]?.(...args) as Promise<unknown>;
    void begun.catch(() => undefined);
  });
  expect(verdict).toBe("broken");
  expect(fault?.message).toContain(`while ${name}`);
});
