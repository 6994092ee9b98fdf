import { afterAll, expect, test } from "@jest/globals";
import type { SpiPort } from "../../harness/base/spi.js";
import { imageName } from "../../harness/firmware/names.js";
import { type Bench, type Firmware, scenario, updateOf } from "../../harness/run/index.js";
import { overSpi, PackageWithUpdates, playOverSpi } from "../support/over-spi.js";
import { type Played, playScenario } from "../support/scenario-run.js";

const pkg = new PackageWithUpdates();
const { firmwares } = pkg;
afterAll(() => pkg[Symbol.dispose]());
const called = (label: string) => firmwares.find((each) => each.label === label) as Firmware;
const OLD = called("t01@2.0.97");
const NEW = called("t01@2.0.106");

type Body = (bench: Bench) => Promise<unknown>;
const one = (run: Body, before: Firmware | undefined = OLD) =>
  scenario({
    name: "one",
    ladder: 8,
    parameters: () => [{ label: "", ...(before && { before }) }],
    run: async (bench) => {
      await run(bench);
    },
  });

/** How one body ends on a module with the old firmware. */
async function ends(run: Body, setting: Partial<Parameters<typeof playOverSpi>[1]> = {}): Promise<Played> {
  const [played] = await playOverSpi(one(run), { firmwares, ...setting });
  return played as Played;
}

test.each<[string, Body]>([
  ["nothing was started", (bench) => bench.at("AT")],
  ["the ROM was asked for", async (bench) => [await bench.boot(OLD), await bench.openSession(), await bench.at("AT")]],
  [
    "the ROM was strapped",
    async (bench) => [await bench.boot(OLD), await bench.at("AT"), await bench.enterRom(), await bench.at("AT")],
  ],
  [
    "boot2 led to the ROM",
    async (bench) => [await bench.restart(), await bench.enterThroughBoot2(), await bench.at("AT")],
  ],
  ["a strap was tried", async (bench) => [await bench.restart(), await bench.tryStrap(), await bench.at("AT")]],
  [
    "a flash was interrupted",
    async (bench) => [
      await bench.restart(),
      await bench.interrupt(NEW, { moment: { stage: "erase" }, cause: "chip-en" }),
      await bench.at("AT"),
    ],
  ],
  [
    "an update was broken off",
    async (bench) => [
      await bench.restart(),
      await bench.breakUpdate(NEW, "raw", { byte: 2000, afterMs: 1, cause: "chip-en" }),
      await bench.at("AT"),
    ],
  ],
])("at: %s, so no firmware speaks, and it is the scenario that is wrong", async (_, run) => {
  const { ended } = await ends(run);
  expect(ended).toMatchObject({
    verdict: "broken",
    fault: { code: "SCENARIO_INVALID", message: expect.stringContaining("started by boot or restart") },
  });
});

test("what is never sent is refused before CS rises", async () => {
  let selected = 0;
  const counted = (spi: SpiPort): SpiPort => ({
    ...spi,
    select: (is, deadline) => {
      if (is) selected++;
      return spi.select(is, deadline);
    },
    transfer: (bytes, deadline) => spi.transfer(bytes, deadline),
  });
  for (const command of ["AT+RESTORE", "at+mfg=1", "AT;+EFUSE-W=1", " AT+FLASH-E"]) {
    const run: Body = async (bench) => {
      await bench.boot(OLD);
      await bench.at("AT");
      const before = selected;
      await bench.at(command).finally(() => bench.expect(selected).toBe(before));
    };
    const [played] = await playScenario(one(run), {
      firmwares,
      rig: (module) => ({ ...overSpi(module), spi: counted(module.connectSpi()) }),
    });
    expect(played?.ended).toMatchObject({ verdict: "broken", fault: { code: "AT_FORBIDDEN", blame: "config" } });
  }
});

test("commands that are given at once, and the first of them, each have their own answer", async () => {
  const { ended } = await ends(async (bench) => {
    await bench.boot(OLD);
    const [ok, mode, version] = await Promise.all(["AT", "AT+CWNETMODE?", "AT+GMR"].map((each) => bench.at(each)));
    bench.expect([ok, mode]).toEqual([[], ["+CWNETMODE:1"]]);
    bench.expect(version).toEqual(bench.expect.arrayContaining(["component_version_sdk_2.0.97"]));
  });
  expect(ended).toMatchObject({ verdict: "passed" });
});

test("a command that nobody awaited has proved nothing", async () => {
  const { ended } = await ends(async (bench) => {
    await bench.boot(OLD);
    void bench.at("AT");
  });
  expect(ended).toMatchObject({ verdict: "broken", settled: false, fault: { code: "SCENARIO_INVALID" } });
});

test("an update that the package lacks is the package's fault, and the firmware runs on", async () => {
  using other = new PackageWithUpdates();
  other.remove(`${imageName("t01", "2.0.106")}.ota`);
  const lacks = other.firmwares.find(({ label }) => label === NEW.label) as Firmware;
  const { ended, facts } = await ends(async (bench) => {
    await bench.boot(OLD);
    const thrown = await bench.update(lacks, "raw").catch((error: unknown) => error);
    bench.note(`AT: ${(await bench.at("AT")).length} lines`);
    throw thrown;
  });
  expect(ended).toMatchObject({ verdict: "broken", fault: { code: "FILE_UNREADABLE", blame: "config" } });
  expect(facts).toContainEqual(expect.objectContaining({ type: "note", message: "AT: 0 lines" }));
});

test("wrong updates are kept from a module that may not be lost", async () => {
  for (const run of [
    (bench) => bench.offerUpdate({ name: "x", bytes: updateOf(NEW, "raw").bytes }),
    (bench) => bench.breakUpdate(NEW, "raw", { finished: true, afterMs: 0, cause: "chip-en" }),
  ] as Body[]) {
    const { ended } = await ends(async (bench) => [await bench.restart(), await run(bench)], {
      bay: { simulated: false },
    });
    expect(ended).toMatchObject({ fault: { code: "NOT_SACRIFICIAL" } });
  }
});

test("an update that is broken off behind its end was taken, or it is told that it was not", async () => {
  const run: Body = async (bench) => {
    await bench.boot(OLD);
    await bench.breakUpdate(called("t02@2.0.106"), "raw", { finished: true, afterMs: 0, cause: "chip-en" });
  };
  const refusing = { ncp: { otaChecks: { profile: true } } };
  expect((await ends(run)).ended).toMatchObject({ verdict: "passed" });
  expect((await ends(run, { sim: refusing })).ended).toMatchObject({
    verdict: "failed",
    fault: { code: "OTA_REFUSED" },
  });
});

test("a byte that an update has not is the scenario's mistake", async () => {
  const { ended } = await ends(async (bench) => {
    await bench.boot(OLD);
    const byte = updateOf(NEW, "raw").bytes.length;
    await bench.breakUpdate(NEW, "raw", { byte, afterMs: 0, cause: "chip-en" });
  });
  expect(ended).toMatchObject({ verdict: "broken", fault: { code: "SCENARIO_INVALID" } });
});

test("a host that dies within a chunk leaves the module waiting for the rest of it, and the next update is taken", async () => {
  const sent: number[] = [];
  const { ended, module } = await ends(async (bench) => {
    await bench.boot(OLD);
    await bench.breakUpdate(NEW, "raw", { byte: 5000, afterMs: 2, cause: "host" });
    await bench.restart();
    sent.push((await bench.at("AT")).length);
    await bench.update(NEW, "raw");
  });
  expect([ended.verdict, ended.fault?.message, sent, module.ready]).toEqual(["passed", undefined, [0], false]);
});

const SLOTS = [0x10, 0x1c4];
const TABLES = { first: 0xe, sectors: 2 };

test.each<[string, Body, readonly number[]]>([
  ["raw", (bench) => bench.update(NEW, "raw"), [1]],
  ["xz, which boot2 expands into the slot that was in use", (bench) => bench.update(NEW, "xz"), [1, 0]],
  ["one that is offered", (bench) => bench.offerUpdate(updateOf(NEW, "raw")), [1]],
  ["one that is broken off", (bench) => bench.breakUpdate(NEW, "raw", { byte: 2000, afterMs: 1, cause: "host" }), [1]],
])("what an update wears is told: %s", async (_, run, slots) => {
  const { facts } = await ends(async (bench) => [await bench.restart(), await run(bench)]);
  const since = facts.findIndex((fact) => fact.type === "step.started" && /^(update|offer|break)/.test(fact.step));
  const wear = facts.slice(since).flatMap((fact) => (fact.type === "wear" ? [fact] : []));
  expect(wear.filter(({ first }) => first !== TABLES.first).map(({ first }) => first)).toEqual(
    slots.map((slot) => SLOTS[slot]),
  );
  expect(wear.filter(({ first }) => first === TABLES.first)).toEqual([expect.objectContaining(TABLES)]);
  expect(wear.every(({ chip, sectors }) => chip === "40827b037742" && sectors !== undefined && sectors > 0)).toBe(true);
});
