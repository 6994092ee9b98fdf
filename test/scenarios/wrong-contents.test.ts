import { afterAll, expect, test } from "@jest/globals";
import { openPackage } from "../../harness/firmware/package.js";
import { encodePartitionTable, parsePartitionTable, TABLE_ADDRESSES } from "../../harness/firmware/partition.js";
import type { Bench, Scenario } from "../../harness/run/scenario.js";
import type { SimModule } from "../../harness/sim/module.js";
import badTables from "../../scenarios/bad-tables.js";
import boot2Erased from "../../scenarios/boot2-erased.js";
import damagedImage from "../../scenarios/damaged-image.js";
import refusedImage from "../../scenarios/refused-image.js";
import staleTable from "../../scenarios/stale-table.js";
import straplessEntry from "../../scenarios/strapless-entry.js";
import { SmallPackage } from "../firmware/small-package.js";
import { firmwaresOf, playScenario } from "../support/scenario-run.js";

const pkg = new SmallPackage();
const firmwares = firmwaresOf(openPackage(pkg.dir));
afterAll(() => pkg[Symbol.dispose]());

/** A scenario whose parameters are of a type of their own. */
const any = (scenario: unknown): Scenario => scenario as Scenario;

const FW = 0x10000;
/** The small package's images. */
const IMAGE_BYTES = 16384;

/** All files of the firmware are there, and no second table that would send boot2 elsewhere. */
function holdsGoodFirmware(module: SimModule, label: string): boolean {
  const files = firmwares.find((each) => each.label === label)?.load().files ?? [];
  const differ = files.filter(
    ({ address, bytes }) => Buffer.compare(module.flash.subarray(address, address + bytes.length), bytes) !== 0,
  );
  return (
    files.length > 0 && differ.length === 0 && module.flash.subarray(0xf000, 0x10000).every((byte) => byte === 0xff)
  );
}

test.each<[string, unknown, string[]]>([
  ["boot2-erased", boot2Erased, ["boot2-erased t01@2.0.106"]],
  [
    "bad-tables",
    badTables,
    ["bad-tables first t01@2.0.106", "bad-tables second t01@2.0.106", "bad-tables both t01@2.0.106"],
  ],
  ["stale-table", staleTable, ["stale-table t01@2.0.97 under t01@2.0.106"]],
  [
    "damaged-image",
    damagedImage,
    ["body", "header", "signature CRC", "signature"].map((what) => `damaged-image ${what} t01@2.0.106`),
  ],
  [
    "refused-image",
    refusedImage,
    ["unsigned", "foreign-key", "too-large"].map((what) => `refused-image ${what} t01@2.0.106`),
  ],
  [
    "strapless-entry",
    straplessEntry,
    ["t01@2.0.106", "t02@2.0.106", "mfg@2.0.106", "rejected t01@2.0.106"].map((what) => `strapless-entry ${what}`),
  ],
])("%s passes on the module as it is believed to be, and leaves a good firmware", async (_, scenario, names) => {
  const played = await playScenario(any(scenario), { firmwares });
  expect(played.map(({ name, ended }) => [name, ended.verdict, ended.fault?.message])).toEqual(
    names.map((name) => [name, "passed", undefined]),
  );
  for (const { name, module } of played) expect(holdsGoodFirmware(module, name.split(" ").at(-1) ?? "")).toBe(true);
});

test("an ini that erases file by file leaves none of it behind either", async () => {
  const mfg = firmwares.filter(({ profile }) => profile === "mfg");
  pkg.write("mfg_flash_prog_cfg.ini", pkg.read("mfg_flash_prog_cfg.ini").toString().replace("erase = 2", "erase = 1"));
  for (const scenario of [boot2Erased, badTables, damagedImage, refusedImage, straplessEntry])
    for (const { name, ended, module } of await playScenario(any(scenario), { firmwares: mfg })) {
      expect([name, ended.verdict, ended.fault?.message]).toEqual([name, "passed", undefined]);
      expect([name, holdsGoodFirmware(module, "mfg@2.0.106")]).toEqual([name, true]);
    }
  pkg.restore("mfg_flash_prog_cfg.ini");
});

test.each<[string, unknown, string, Record<string, unknown>, string]>([
  [
    "boot2 that never listens: from a firmware",
    straplessEntry,
    "t02",
    { quirks: { boot2Isp: false } },
    "EXPECTATION_FAILED",
  ],
  [
    "boot2 that never listens: from its failure loop",
    straplessEntry,
    "rejected",
    { quirks: { boot2Isp: false } },
    "EXPECTATION_FAILED",
  ],
  ["the second table never counts: no trap", staleTable, "", { quirks: { secondTable: false } }, "EXPECTATION_FAILED"],
  [
    "the second table never counts: a bad first one",
    badTables,
    "first",
    { quirks: { secondTable: false } },
    "BOOT_REJECTED",
  ],
  ["no default without a table", badTables, "both", { quirks: { defaultFirmware: false } }, "BOOT_REJECTED"],
])("%s: the case fails", async (_, scenario, only, sim, code) => {
  const [played] = await playScenario(any(scenario), { firmwares, sim, only });
  expect(played?.ended).toMatchObject({ verdict: "failed", fault: { code } });
});

/** What was put there on purpose is gone again before the module boots, as if the module did not mind it. */
const cured =
  (bytes: (module: SimModule) => void) =>
  (bench: Bench, module: SimModule): Bench => ({
    ...bench,
    overwrite: async (...args) => {
      await bench.overwrite(...args);
      bytes(module);
    },
    erase: async (...args) => {
      await bench.erase(...args);
      bytes(module);
    },
  });

const goodT01 = (module: SimModule): void => {
  const set = firmwares.find(({ label }) => label === "t01@2.0.106")?.load();
  for (const { address, bytes } of set?.files ?? []) module.flash.set(bytes, address);
};

test.each<[string, unknown, string]>([
  ["a module that starts without boot2", boot2Erased, ""],
  ["a damaged body that boots", damagedImage, "body"],
  ["a damaged header that boots", damagedImage, "header"],
  ["a damaged signature that boots", damagedImage, "signature t01"],
  ["an unsigned image that boots", refusedImage, "unsigned"],
  ["a foreign image that boots", refusedImage, "foreign-key"],
])("%s: the case fails", async (_, scenario, only) => {
  const [played] = await playScenario(any(scenario), { firmwares, only, twist: cured(goodT01) });
  expect(played?.ended).toMatchObject({ verdict: "failed", fault: { code: "EXPECTATION_FAILED" } });
});

test("a boot2 that refuses for another reason: the case fails", async () => {
  const header = (module: SimModule): void => {
    goodT01(module);
    module.flash[FW + 0x88] = (module.flash[FW + 0x88] ?? 0) ^ 1;
  };
  const [played] = await playScenario(any(damagedImage), { firmwares, only: "body", twist: cured(header) });
  expect(played?.ended).toMatchObject({ verdict: "failed", fault: { code: "EXPECTATION_FAILED" } });
  expect(played?.ended.fault?.message).toMatch(/0217[\s\S]*0204/);
});

test("a boot2 that believes a bad second table: the case fails", async () => {
  const believed = (module: SimModule): void => {
    const [first, second] = TABLE_ADDRESSES;
    const table = parsePartitionTable(module.flash.subarray(first, first + 4096), "table");
    const entries = table.entries.map((entry) => ({
      ...entry,
      active: entry.name === "FW" ? (1 as const) : entry.active,
    }));
    module.flash.set(encodePartitionTable({ age: 1, entries }), second);
  };
  const [played] = await playScenario(any(badTables), { firmwares, only: "second", twist: cured(believed) });
  expect(played?.ended).toMatchObject({ verdict: "failed", fault: { code: "BOOT_REJECTED" } });
});

test("what must be refused and is programmed: the case fails", async () => {
  const twist = (bench: Bench): Bench => ({
    ...bench,
    flash: async (firmware) => {
      if (!firmware.label.includes("another key")) await bench.flash(firmware);
    },
  });
  const [played] = await playScenario(any(refusedImage), { firmwares, only: "foreign-key", twist });
  expect(played?.ended).toMatchObject({
    verdict: "failed",
    fault: { code: "EXPECTATION_FAILED", message: expect.stringContaining("nothing was refused") },
  });
});

test("a refusal that comes too late, with the module touched: the case fails", async () => {
  const twist = (bench: Bench, module: SimModule): Bench => ({
    ...bench,
    flash: async (firmware) => {
      if (firmware.label.includes("too large")) module.flash.fill(0, FW, FW + IMAGE_BYTES);
      await bench.flash(firmware);
    },
  });
  const [played] = await playScenario(any(refusedImage), { firmwares, only: "too-large", twist });
  expect(played?.ended).toMatchObject({ verdict: "failed", fault: { code: "EXPECTATION_FAILED" } });
});

test.each(["t01@", "rejected"])(
  "%s: from the ISP window on, BOOT is never asserted until the firmware runs",
  async (only) => {
    const [played] = await playScenario(any(straplessEntry), { firmwares, only });
    const facts = played?.facts ?? [];
    const entry = facts.findIndex((fact) => fact.type === "step.started" && fact.step === "enter through boot2");
    const raised = facts.slice(entry).filter((fact) => fact.type === "line" && fact.line === "boot" && fact.asserted);
    expect(entry).toBeGreaterThan(0);
    expect(raised).toEqual([]);
  },
);

test("no such case is made of nothing, or of one version alone where two are needed", async () => {
  const newest = firmwares.filter(({ version }) => version === "2.0.106");
  for (const scenario of [boot2Erased, badTables, staleTable, damagedImage, refusedImage, straplessEntry])
    expect([...(any(scenario).parameters?.({ firmwares: [] }) ?? [])]).toEqual([]);
  expect([...(any(staleTable).parameters?.({ firmwares: newest }) ?? [])]).toEqual([]);
});

test("a rig that hears no banner can tell none of it: skipped, with a good firmware on the module", async () => {
  const [played] = await playScenario(any(damagedImage), { firmwares, only: "body", rig: { bootProof: ["none"] } });
  expect(played?.ended).toMatchObject({ verdict: "skipped", reason: expect.stringContaining("which firmware boots") });
});

test("a module that is not locked is not tempted: skipped, untouched", async () => {
  const [played] = await playScenario(any(refusedImage), { firmwares, only: "unsigned", sim: { locked: false } });
  expect(played?.ended).toMatchObject({ verdict: "skipped", reason: expect.stringContaining("not locked") });
  expect(played?.module.changes).toBe(0);
});
