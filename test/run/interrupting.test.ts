import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import type { Fact } from "../../harness/base/events.js";
import type { Bay, Rig } from "../../harness/base/wire.js";
import type { Target } from "../../harness/brick/interrupt.js";
import { expand } from "../../harness/run/matrix.js";
import { runCase } from "../../harness/run/runner.js";
import type { Firmware, Scenario } from "../../harness/run/scenario.js";
import interruptScenario from "../../scenarios/interrupt.js";
import powerCut from "../../scenarios/power-cut.js";
import t01Quirk from "../../scenarios/t01-quirk.js";
import { targetOf } from "../brick/support.js";
import { simBench } from "../support/bench.js";
import { syntheticSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";

const folder = scratch();
afterAll(() => folder[Symbol.dispose]());

const firmwareOf = (profile: Firmware["profile"], plan = () => targetOf(profile).plan): Firmware => ({
  profile,
  version: "2.0.106",
  label: `${profile}@2.0.106`,
  load: () => syntheticSet(profile),
  plan,
});
const firmwares = (["mfg", "t01", "t02"] as const).map((profile) => firmwareOf(profile));

interface Around {
  readonly rig?: Partial<Rig>;
  readonly bay?: Partial<Bay>;
  readonly sim?: Record<string, unknown>;
  readonly reference?: Firmware["profile"];
  /** What is on the flash, beside what a new module has. */
  readonly holds?: Target;
}

/** Runs the case of this name, on one simulated module. */
async function run(scenario: Scenario, name: string, around: Around = {}, more: Partial<Scenario> = {}) {
  const { rig, clock, module } = simBench(around.sim, around.rig);
  for (const step of around.holds?.plan.steps ?? [])
    if (step.op === "write") module.flash.set(step.plain, step.address);
  const facts: Fact[] = [];
  const open = async () => ({ ...rig, [Symbol.asyncDispose]: async () => undefined });
  const bay: Bay = { name: "bench", labels: [], simulated: true, open, ...around.bay };
  const one = expand({ ...scenario, ...more }, { firmwares }, undefined).find((each) => each.name === name);
  if (one === undefined) throw new Error(`no case ${name}`);
  const { signal } = new AbortController();
  const emit = (fact: Fact) => void facts.push(fact);
  const known = around.reference && { firmware: firmwareOf(around.reference) };
  const context = { clock, emit, signal, seed: 1, folder: folder.path, ...(known && { known }) };
  const ended = await runCase(one, bay, context);
  return { ended, facts };
}

test("cases have stable names, ends and needs; those of the newest firmware of each profile", () => {
  const cases = expand(interruptScenario as Scenario, { firmwares }, undefined);
  expect(cases.length).toBe(15 * 5 + 2 * 18 * 5);
  const found = cases.find(({ name }) => name === "interrupt t01@2.0.106 write firmware 50% by power");
  expect(found).toMatchObject({ needs: ["sacrificial", "lines", "power"], tags: ["brick"], ladder: 8 });
  expect([found?.before?.label, found?.after?.label]).toEqual(["t01@2.0.106", "t01@2.0.106"]);
});

test.each([interruptScenario, powerCut] as Scenario[])(
  "$name: a firmware without a plan is one case, which says why",
  async (scenario) => {
    const broken = firmwareOf("t01", () => targetOf("lost" as never).plan);
    const [one, ...others] = expand(scenario, { firmwares: [broken] }, undefined);
    expect([one?.name, others.length]).toEqual([`${scenario.name} t01@2.0.106`, 0]);
    expect(() => broken.plan()).toThrow();
    await expect(one?.run({} as never, one.parameter)).rejects.toMatchObject({ code: "FIRMWARE_NOT_FOUND" });
  },
);

test("a case records what was seen, the rung that helped, and what was left", async () => {
  const name = "interrupt mfg@2.0.106 write firmware 50% by chip-en";
  const { ended, facts } = await run(interruptScenario as Scenario, name);
  expect(ended.fault).toBeUndefined();
  expect(facts).toContainEqual({ type: "recovered", case: name, state: "recovered", rung: 3 });
  const notes = facts.flatMap((fact) => (fact.type === "note" && !fact.trouble ? [fact.message] : []));
  expect(notes).toEqual([
    expect.stringMatching(/^mfg@2.0.106: by what differed: /),
    expect.stringMatching(/^write firmware 50% by chip-en: [A-Z_]+: /),
    "left in the flash: boot2 whole, partition whole, FW 258048 of 517536 bytes, blank behind them",
    "back: recovered by rung 3",
  ]);
  expect(facts).toContainEqual(
    expect.objectContaining({ type: "measurement", name: "left of FW", value: 258_048, unit: "B" }),
  );
  const files = facts.flatMap((fact) => (fact.type === "attachment" ? [fact] : []));
  expect(files.map(({ name: file }) => file)).toEqual(["left.json", "left-FW-0x4F000.bin"]);
  const [json, sector] = files.map(({ file }) => readFileSync(folder.file(file)));
  expect(JSON.parse(String(json))[2]).toMatchObject({
    file: "FW",
    state: "partly",
    rightBytes: 258_048,
    sector: { address: 0x4f000, file: "left-FW-0x4F000.bin" },
  });
  expect(sector?.equals(Buffer.alloc(4096, 0xff))).toBe(true);
});

test.each([
  ["without a reference firmware", undefined, "7 whole-chip erase, and once more: did not help"],
  ["with one", "t02", "8 reference firmware: did not help"],
] as const)("a module that nothing helps, %s: bricked, and held against it", async (_, reference, last) => {
  const around = { sim: { quirks: { flashFails: true } }, ...(reference && { reference }) };
  const { ended, facts } = await run(interruptScenario as Scenario, "interrupt mfg@2.0.106 erase by chip-en", around);
  expect(ended).toMatchObject({ verdict: "failed", fault: { code: "MODULE_BRICKED", blame: "module" } });
  expect(ended.fault?.details).toMatchObject({ tried: expect.arrayContaining([last]) });
  expect(facts).toContainEqual(expect.objectContaining({ type: "recovered", state: "bricked", rung: 8 }));
});

test("a power cut in mid-program is one that the module was ordered to make", async () => {
  const { ended, facts } = await run(powerCut as Scenario, "power-cut t01@2.0.106 program 5");
  expect(ended.fault).toBeUndefined();
  const left = facts.find((fact) => fact.type === "note" && fact.message.startsWith("left"));
  expect(left).toMatchObject({
    message: expect.stringMatching(/^left in the flash: boot2 \d+ of 52544 bytes, blank behind/),
  });
});

test.each(["t01", "t02"])("%s over itself with the quirk", async (profile) => {
  const { ended, facts } = await run(t01Quirk as Scenario, `t01-quirk ${profile}@2.0.106`);
  expect(ended.fault).toBeUndefined();
  const rungs = facts.flatMap((fact) => (fact.type === "recovered" ? [`${fact.state} ${fact.rung}`] : []));
  expect(rungs).toEqual(profile === "t01" ? ["recovered 7"] : []);
});

test("the quirk's case fails on a module that does not show it: the claim does not hold", async () => {
  const faults = { arm: () => ({ struck: true, disarm: () => undefined }) };
  const { ended } = await run(t01Quirk as Scenario, "t01-quirk t01@2.0.106", { rig: { faults } });
  expect(ended).toMatchObject({ verdict: "failed", fault: { code: "EXPECTATION_FAILED" } });
});

test("faults that hardware cannot make are refused", async () => {
  const { ended } = await run(t01Quirk as Scenario, "t01-quirk t02@2.0.106", { rig: { faults: undefined } as never });
  expect(ended).toMatchObject({
    verdict: "broken",
    fault: {
      code: "SCENARIO_INVALID",
      message: expect.stringContaining("makes no faults"),
      advice: expect.stringContaining("needs"),
    },
  });
});

const opens: Scenario = {
  name: "opens",
  async run({ openSession, recovered }) {
    await openSession();
    if (recovered().length === 0) throw new Error("nothing was wrong");
  },
};
/** It answers no set-para until its chip is erased. */
const silent = { quirks: { t01Reflash: true } };

test.each([
  ["a module that may not be lost is not erased", 8, { simulated: false }, "failed"],
  ["a scenario that does not go so far does not erase", 6, { simulated: true }, "failed"],
  ["by default none does", undefined, { simulated: true }, "failed"],
  ["one whose label says so is erased", 7, { simulated: false, labels: ["sacrificial"] }, "passed"],
  ["a simulated one is erased", 8, { simulated: true }, "passed"],
])("the ladder: %s", async (_, ladder, bay, verdict) => {
  const around = { sim: silent, holds: targetOf("t01"), bay };
  const { ended } = await run(opens, "opens", around, ladder === undefined ? {} : { ladder });
  expect(ended.verdict).toBe(verdict);
  if (verdict === "failed") expect(ended.fault?.code).toBe("SET_PARA_SILENT");
});
