import { afterAll, expect, test } from "@jest/globals";
import type { Rig } from "../../harness/base/wire.js";
import { bootsFrom } from "../../harness/firmware/boots-from.js";
import { encodePartitionTable, ST_TABLE } from "../../harness/firmware/partition.js";
import { bootModule } from "../../harness/recover/boot.js";
import { flashModule } from "../../harness/recover/flash.js";
import { openModule } from "../../harness/recover/open.js";
import { IN_A_SUITE } from "../../harness/recover/rung.js";
import type { Firmware } from "../../harness/run/scenario.js";
import { simBench } from "../support/bench.js";
import { overSpi, PackageWithUpdates } from "../support/over-spi.js";

const pkg = new PackageWithUpdates();
const { firmwares } = pkg;
afterAll(() => pkg[Symbol.dispose]());
const called = (label: string) => firmwares.find((each) => each.label === label) as Firmware;

type Proof = Rig["bootProof"];
const AT: Proof[] = [["at"], ["banner", "at"], ["ready", "at"], ["banner", "ready", "at"]];

/** A rig that sees so much of a boot, and a module with this firmware. */
async function holding(label: string, bootProof: Proof, sim: Record<string, unknown> = {}) {
  const bench = simBench(sim, { bootProof });
  const { rig: bare, deadline, module } = bench;
  const rig = { ...bare, ...overSpi(module) };
  const { load, plan } = called(label);
  await flashModule(await openModule(rig, deadline), plan(), deadline, undefined, IN_A_SUITE);
  const notes: string[] = [];
  const observer = { stage: () => undefined, note: (note: string) => void notes.push(note) };
  const boot = (expected: Parameters<typeof bootModule>[1]) => bootModule(rig, expected, 2_000_000, deadline, observer);
  return { ...bench, rig, boot, notes, place: bootsFrom(load().files) };
}

const split = (label: string) => {
  const { profile, version } = called(label);
  return { profile, version };
};

test.each(AT.flatMap((proof) => ["t01@2.0.106", "t02@2.0.97"].map((label): [Proof, string] => [proof, label])))(
  "%j proves %s, and from where it runs",
  async (bootProof, label) => {
    const { boot, place } = await holding(label, bootProof);
    const wanted = split(label);
    const proof = await boot({ ...wanted, place });
    expect(proof).toMatchObject({ proven: true, at: { ...wanted, slot: 0, age: 0 }, readyMs: expect.any(Number) });
    expect(proof.banner?.version).toBe(bootProof.includes("banner") ? wanted.version : undefined);
    expect(await boot(undefined)).toMatchObject({ proven: true, at: wanted });
  },
);

test.each(AT)("%j: another version, and another profile", async (...bootProof) => {
  const { boot } = await holding("t01@2.0.97", bootProof);
  const found = { version: "2.0.97", profile: "t01" };
  for (const expected of [split("t01@2.0.106"), split("t02@2.0.97")])
    await expect(boot(expected)).rejects.toMatchObject({
      code: "BOOT_UNEXPECTED",
      blame: "firmware",
      details: { found: expect.objectContaining(found) },
    });
});

test.each(AT)("%j: a stale table that starts the same version from elsewhere", async (...bootProof) => {
  const { boot, module, place } = await holding("t01@2.0.106", bootProof);
  const image = module.flash.slice(0x10000, 0x10000 + called("t01@2.0.106").load().firmware.bytes.length);
  const [fw, ...others] = ST_TABLE.entries.toSorted((a) => (a.name === "FW" ? -1 : 1));
  if (fw === undefined) throw new Error("ST's table has FW");
  module.flash.set(image, fw.slots[1].address);
  const entries = [{ ...fw, active: 1 as const, age: 1 }, ...others];
  module.flash.set(encodePartitionTable({ ...ST_TABLE, age: 1, entries }), 0xf000);
  await expect(boot({ ...split("t01@2.0.106"), place })).rejects.toMatchObject({
    code: "BOOT_UNEXPECTED",
    message: expect.stringContaining("active slot of FW: expected 0, got 1; age of FW: expected 0, got 1"),
    advice: expect.stringContaining("erase 0xF000"),
  });
});

const MFG = { profile: "mfg", version: "2.0.106" } as const;
test.each<[Proof, object]>([
  [["at"], { proven: false }],
  [["banner", "at"], { proven: true, banner: { profile: "mfg" } }],
  [["ready", "at"], { proven: true, readyMs: expect.any(Number) }],
  [["banner", "ready", "at"], { proven: true, banner: { profile: "mfg" }, readyMs: expect.any(Number) }],
])("%j: mfg has no AT, and does not fail for it", async (bootProof, seen) => {
  const { boot, notes } = await holding("mfg@2.0.106", bootProof);
  const proof = await boot(MFG);
  expect(proof).toMatchObject(seen);
  expect(proof).not.toHaveProperty("at");
  expect(notes.length).toBeGreaterThan(0);
});

test.each<[Proof]>([[["banner", "at"]], [["banner", "ready", "at"]]])(
  "%j: a banner of mfg tells that there is no AT to ask, where nobody said what must run",
  async (bootProof) => {
    const { boot } = await holding("mfg@2.0.106", bootProof);
    expect(await boot(undefined)).toMatchObject({ proven: true, banner: { profile: "mfg" } });
  },
);

test.each(AT)("%j: a module whose CHIP_EN is off is the wiring's fault, and no proof", async (...bootProof) => {
  const { rig: bare, deadline, module } = simBench({ wiring: { chipEn: "open" } }, { bootProof });
  await expect(
    bootModule({ ...bare, ...overSpi(module) }, split("t01@2.0.106"), undefined, deadline),
  ).rejects.toMatchObject({ code: "NOT_IN_ROM", blame: "rig" });
});

test.each(AT)("%j on a rig without SPI is the rig file's fault", async (...bootProof) => {
  const { rig: bare, deadline, module } = simBench({}, { bootProof });
  const rig = { ...bare, ready: overSpi(module).ready };
  await expect(bootModule(rig, undefined, 2_000_000, deadline)).rejects.toMatchObject({
    code: "SPI_MISSING",
    blame: "config",
  });
});

test.each<[Proof, string, string]>([
  [["at"], "never", "BOOT_NOT_READY"],
  [["banner", "at"], "never", "BOOT_NOT_READY"],
  [["ready", "at"], "stuck", "NCP_STUCK"],
  [["banner", "ready", "at"], "stuck", "NCP_STUCK"],
])("%j and SPI_RDY %s: ends, by name", async (bootProof, ready, code) => {
  const { boot } = await holding("t01@2.0.106", bootProof, { ncp: { ready } });
  await expect(boot(split("t01@2.0.106"))).rejects.toMatchObject({ code });
});
