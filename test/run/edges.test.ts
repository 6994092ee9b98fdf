import { afterAll, expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import type { Fact } from "../../harness/base/events.js";
import type { Bay } from "../../harness/base/wire.js";
import { imageName } from "../../harness/firmware/names.js";
import { loadFirmware, openPackage } from "../../harness/firmware/package.js";
import { planOf } from "../../harness/flash/plan.js";
import type { KnownGood } from "../../harness/run/control.js";
import { expand } from "../../harness/run/matrix.js";
import { OnModule } from "../../harness/run/on-module.js";
import { runCase } from "../../harness/run/runner.js";
import { type Bench, type Firmware, type Scenario, scenario } from "../../harness/run/scenario.js";
import reflash from "../../scenarios/reflash.js";
import { firmwareOf, SmallPackage } from "../firmware/small-package.js";
import { simBench } from "../support/bench.js";
import { scratch } from "../support/scratch.js";

const folder = scratch();
const small = new SmallPackage();
small.write(imageName("t02", "2.0.97"), firmwareOf("t02", "2.0.97"));
afterAll(() => {
  folder[Symbol.dispose]();
  small[Symbol.dispose]();
});

const setOf = (profile: "t01" | "t02", version: string) => loadFirmware(openPackage(small.dir), profile, version);

function firmware(profile: "t01" | "t02", version: string, change?: Partial<Firmware>): Firmware {
  const load = () => setOf(profile, version);
  return { profile, version, label: `${profile}@${version}`, load, plan: () => planOf(load()), ...change };
}

const T01 = firmware("t01", "2.0.106");
const T02 = firmware("t02", "2.0.106");
const OLD = firmware("t02", "2.0.97");
/** What lint finds. */
const INVALID = firmware("t01", "2.0.97", {
  plan: () => {
    throw new HarnessError("IMAGE_INVALID", "t01@2.0.97: body-hash");
  },
});
/** No file tells what is wrong with it, and boot2 does. */
const REJECTED = firmware("t01", "2.0.97", {
  plan: () => {
    const { files, ...set } = setOf("t01", "2.0.97");
    const damaged = files.map((file) =>
      file.image?.kind === "firmware" ? { ...file, bytes: flipped(file.bytes), xz: undefined } : file,
    );
    return planOf({ ...set, files: damaged });
  },
});

const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(0x2000, (bytes[0x2000] ?? 0) ^ 1);

const edge = (before: Firmware, after: Firmware, body = replace): Scenario =>
  scenario({
    name: `${before.label} -> ${after.label}`,
    parameters: () => [{ label: "", before, after }],
    run: (bench) => body(bench, after),
  });

async function replace({ flash, boot }: Bench, after: Firmware): Promise<void> {
  await flash(after);
  await boot(after);
}

/** Runs them one after the other on one module. @param sim the `sim:` section of a rig file. */
async function walked(
  edges: readonly Scenario[],
  {
    known = { firmware: T02 },
    sim = {},
    isBeforeJudged = true,
  }: { known?: KnownGood; sim?: Record<string, unknown>; isBeforeJudged?: boolean } = {},
) {
  const { rig, clock, module: chip } = simBench(sim);
  const bay: Bay = {
    ...{ name: "bench", labels: [], simulated: true },
    open: async () => ({ ...rig, [Symbol.asyncDispose]: async () => undefined }),
  };
  const facts: Fact[] = [];
  const module = new OnModule();
  const emit = (fact: Fact) => void facts.push(fact);
  const { signal } = new AbortController();
  const context = { clock, emit, signal, seed: 1, folder: folder.path, module, known, isBeforeJudged };
  const told: string[] = [];
  for (const one of edges.flatMap((each) => expand(each, { firmwares: [T01, T02] }, undefined))) {
    const { verdict, fault, reason } = await runCase(one, bay, context);
    told.push([verdict, fault?.code, reason].filter((each) => each !== undefined).join(" "));
  }
  const steps = facts.flatMap((fact) => (fact.type === "step.started" ? [fact.step] : []));
  const controls = facts.flatMap((fact) => (fact.type === "control" ? [`${fact.firmware} ${fact.ok}`] : []));
  const notes = facts.flatMap((fact) => (fact.type === "note" ? [fact.message] : []));
  const stages = facts.flatMap((fact) => (fact.type === "stage" ? [fact.stage] : []));
  return { told, steps, controls, notes, stages, module, chip };
}

const setUps = ({ steps }: { readonly steps: readonly string[] }) => steps.filter((step) => step.startsWith("set-up"));

test("what a case begins with is put on the module once, and then left there by the one before", async () => {
  const walk = await walked([edge(T01, T02), edge(T02, T01), edge(T01, T01)]);
  expect(walk.told).toEqual(["passed", "passed", "passed"]);
  expect(setUps(walk)).toEqual(["set-up: t01@2.0.106"]);
  expect(walk.module.firmware?.label).toBe("t01@2.0.106");
});

test("nobody trusts a module that a scenario had in its own hands, or that a case failed on", async () => {
  const looks = scenario({ name: "looks", run: async ({ openSession }) => void (await openSession()) });
  const fails = scenario({
    name: "fails",
    run: async ({ flash }) => {
      await flash(OLD);
      throw new HarnessError("EXPECTATION_FAILED", "no");
    },
  });
  const idle = scenario({ name: "idle", run: async ({ note }) => note("nothing is touched") });
  const walk = await walked([edge(T02, T02), idle, edge(T02, T02), looks, edge(T02, T02), fails, edge(T02, T02)]);
  expect(walk.told).toEqual(["passed", "passed", "passed", "passed", "passed", "failed EXPECTATION_FAILED", "passed"]);
  expect(setUps(walk)).toEqual(["set-up: t02@2.0.106", "set-up: t02@2.0.106", "set-up: t02@2.0.106"]);
  expect(walk.notes).toEqual([
    "nothing is touched",
    // Only looked at: it is there, which its hash proves, and nothing is erased for a set-up.
    "t02@2.0.106: already there: 4194304 bytes compared, nothing erased or sent",
  ]);
});

test("a scenario may flash by what differs alone; as it is, each flash is a whole one", async () => {
  const walk = await walked([
    edge(T02, T02),
    edge(T02, T02, async ({ flash, boot, openSession }, after) => {
      await flash(after, { delta: true, session: await openSession() });
      await boot(after);
    }),
  ]);
  expect(walk.told).toEqual(["passed", "passed"]);
  const whole = ["write boot2", "write partition", "write FW", "write littlefs"];
  expect(walk.stages.filter((stage) => /^(erase|write)/.test(stage))).toEqual(["erase-chip", ...whole]);
});

test("a case that leaves another firmware than it says is the scenario's own mistake", async () => {
  const walk = await walked([
    edge(T01, T02, async ({ flash }) => flash(T01)),
    edge(T01, T02, async ({ boot }) => void (await boot(T01))),
    edge(T02, T02, async ({ boot }) => void (await boot(T02))),
  ]);
  expect(walk.told).toEqual(["broken SCENARIO_INVALID", "broken SCENARIO_INVALID", "passed"]);
});

test("what a scenario erases by the session that it was given is no longer on the module", async () => {
  const walk = await walked([
    edge(T01, T02, async ({ flash, openSession, deadline }, after) => {
      await flash(after);
      const { rom } = await openSession();
      await rom.request("flashErase", { first: 0, last: 0xfff }, deadline);
    }),
    edge(T02, T02, async ({ flash, openSession, read }, after) => {
      await flash(after);
      await read(await openSession(), 0, 4);
    }),
    edge(T02, T02),
  ]);
  expect(walk.told).toEqual(["broken SCENARIO_INVALID", "passed", "passed"]);
  expect(setUps(walk)).toEqual(["set-up: t01@2.0.106", "set-up: t02@2.0.106"]);
  expect(walk.module.firmware?.label).toBe("t02@2.0.106");
});

test("two firmwares that are called the same are two", async () => {
  const alien = { ...T02, label: T01.label };
  const walk = await walked([edge(T02, alien), edge(T01, T01), edge(T01, T01)]);
  // The banner is that of the files, whatever they are called.
  expect(walk.told).toEqual(["passed", "passed", "passed"]);
  expect(setUps(walk)).toEqual(["set-up: t02@2.0.106", "set-up: t01@2.0.106"]);
});

test("what lint rejects fails where the walk leads to it, without touching a module, and stops what leads away", async () => {
  const walk = await walked([edge(T02, INVALID), edge(INVALID, INVALID), edge(INVALID, T01), edge(T02, T01)]);
  expect(walk.told).toEqual([
    "failed IMAGE_INVALID",
    "failed IMAGE_INVALID",
    "skipped t01@2.0.97 cannot be put on the module: IMAGE_INVALID: t01@2.0.97: body-hash",
    "passed",
  ]);
  expect(walk.controls).toEqual(["t02@2.0.106 true", "t02@2.0.106 true"]);
  // The control experiment has left there what the last one begins with.
  expect(setUps(walk)).toEqual([]);
});

test("what the module rejects does likewise: once it could not be set up, nobody tries that again", async () => {
  const walk = await walked([
    ...[edge(T02, REJECTED), edge(REJECTED, T01), edge(REJECTED, T02), edge(REJECTED, REJECTED), edge(T02, T01)],
  ]);
  const [first = "", second] = walk.told.slice(1);
  expect(first).toMatch(/^skipped t01@2.0.97 cannot be put on the module: BOOT_REJECTED: bench: boot2 refused/);
  expect(walk.told).toEqual(["failed BOOT_REJECTED", first, second, "failed BOOT_REJECTED", "passed"]);
  expect(second).toBe(first);
  // Twice, before it leads away from it for the first time, and twice for the case that is about itself.
  expect(setUps(walk)).toEqual(["set-up: t02@2.0.106", ...Array(4).fill("set-up: t01@2.0.97")]);
  expect(walk.controls).toEqual(Array(5).fill("t02@2.0.106 true"));
});

test("what no other case judges is held against the one that begins with it, each time anew", async () => {
  const walk = await walked([edge(REJECTED, T01), edge(REJECTED, T02), edge(INVALID, T02), edge(T02, T01)], {
    isBeforeJudged: false,
  });
  expect(walk.told).toEqual(["failed BOOT_REJECTED", "failed BOOT_REJECTED", "failed IMAGE_INVALID", "passed"]);
  expect(walk.controls).toEqual(Array(5).fill("t02@2.0.106 true"));
  const silent = await walked([edge(OLD, T01)], { sim: { appLog: false }, isBeforeJudged: false });
  expect(silent.told).toEqual(["broken CONTROL_FAILED"]);
});

test("what could not be set up once, by a trouble that passed, is tried again", async () => {
  const fault = { at: { command: "flashChipErase" }, do: { refuse: 3 }, count: 3 };
  const walk = await walked([edge(T01, T02)], { sim: { faults: [fault] } });
  expect(walk.told).toEqual(["passed"]);
  expect(setUps(walk)).toEqual(["set-up: t01@2.0.106", "set-up: t01@2.0.106"]);
  expect(walk.controls).toEqual(["t02@2.0.106 true"]);
  expect(walk.notes).toContainEqual(expect.stringMatching(/^t01@2.0.106 could not be set up, and is tried once more/));
});

test("the faults that a body orders are not the rig's: the control experiment is made without them", async () => {
  const fault = { at: { command: "flashChipErase" }, do: { refuse: 3 }, count: 100 };
  const walk = await walked([
    edge(T02, T01, async (bench, after) => {
      bench.arm({ faults: [fault] });
      await replace(bench, after);
    }),
    edge(T02, T01),
  ]);
  expect(walk.told).toEqual(["failed COMMAND_REFUSED", "passed"]);
  expect(walk.controls).toEqual(["t02@2.0.106 true"]);
});

test("where the known-good firmware fails as well, nothing is held against the candidate", async () => {
  const silent = await walked([edge(T02, T01), edge(T01, T01), edge(OLD, T02)], { sim: { appLog: false } });
  expect(silent.told).toEqual(["broken CONTROL_FAILED", "broken CONTROL_FAILED", "broken CONTROL_FAILED"]);
  expect(silent.controls).toEqual(["t02@2.0.106 false", "t02@2.0.106 false", "t02@2.0.106 false"]);
  expect(silent.module.firmware).toBeUndefined();
});

test("a control experiment that cannot be made is told, and the failure stands", async () => {
  const known = { trouble: "bench names no reference firmware" };
  const walk = await walked([edge(T02, REJECTED), edge(REJECTED, T01)], { known });
  expect(walk.told).toEqual(["failed BOOT_REJECTED", expect.stringMatching(/^skipped t01@2.0.97/)]);
  expect(walk.notes).toContain("no control experiment: bench names no reference firmware");
  expect(walk.controls).toEqual([]);
});

test("a reference that has failed itself, or that lint rejects, is stood in for by what passed here", async () => {
  const own = await walked([edge(REJECTED, REJECTED), edge(T02, T01), edge(T01, REJECTED)], {
    known: { firmware: REJECTED },
  });
  expect(own.told).toEqual(["broken CONTROL_FAILED", "passed", "failed BOOT_REJECTED"]);
  expect(own.controls).toEqual(["t01@2.0.97 false", "t01@2.0.97 false", "t01@2.0.106 true"]);
  const lint = await walked([edge(T02, T01), edge(T01, REJECTED)], { known: { firmware: { ...INVALID, label: "x" } } });
  expect(lint.controls).toEqual(["t01@2.0.106 true"]);
});

test("the quirk that makes T01 refuse every flash: what leads away from it fails, the rest goes on", async () => {
  const walk = await walked([edge(T02, T01), edge(T01, T02), edge(T02, OLD), edge(OLD, T02)], {
    sim: { quirks: { t01Reflash: true } },
  });
  expect(walk.told).toEqual(["passed", "failed SET_PARA_SILENT", "passed", "passed"]);
  expect(walk.controls).toEqual(["t02@2.0.106 true"]);
  expect(setUps(walk)).toEqual(["set-up: t02@2.0.106"]);
});

test("reflash ships as an edge from a firmware to itself", async () => {
  const walk = await walked([reflash]);
  expect(walk.told).toEqual(["passed", "passed"]);
});
