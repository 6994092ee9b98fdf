import { afterAll, expect, test } from "@jest/globals";
import { randomOf } from "../../harness/base/random.js";
import { openPackage } from "../../harness/firmware/package.js";
import type { Bench, Scenario } from "../../harness/run/scenario.js";
import type { SimModule } from "../../harness/sim/module.js";
import { Cycles } from "../../harness/stress/states.js";
import hotFlash from "../../scenarios/hot-flash.js";
import { SCENARIOS } from "../../scenarios/index.js";
import longIdle from "../../scenarios/long-idle.js";
import noisyLine from "../../scenarios/noisy-line.js";
import randomPowerCut from "../../scenarios/random-power-cut.js";
import reflash from "../../scenarios/reflash.js";
import roundTrip from "../../scenarios/round-trip.js";
import { SmallPackage } from "../firmware/small-package.js";
import { firmwaresOf, type Played, playScenario } from "../support/scenario-run.js";

const pkg = new SmallPackage();
const all = firmwaresOf(openPackage(pkg.dir));
const firmwares = all.filter(({ profile }) => profile !== "mfg");
afterAll(() => pkg[Symbol.dispose]());

/** A scenario whose parameters are of a type of their own. */
const any = (scenario: unknown): Scenario => scenario as Scenario;

const NEWEST = ["t01@2.0.106", "t02@2.0.106"];
const named = (scenario: string, tell: (label: string) => string[]): string[] =>
  NEWEST.flatMap((label) => tell(label).map((told) => `${scenario} ${told}`));

test.each<[string, unknown, string[]]>([
  ["round-trip", roundTrip, ["round-trip t01@2.0.106 -> t02@2.0.106 -> t01@2.0.106"]],
  ["random-power-cut", randomPowerCut, named("random-power-cut", (of) => [`${of} by power`, `${of} by chip-en`])],
  ["noisy-line", noisyLine, named("noisy-line", (of) => ["two bytes", "heavy", "every hash"].map((x) => `${x} ${of}`))],
  ["hot-flash", hotFlash, named("hot-flash", (of) => [3, 10].map((times) => `${of} ${times} times slower`))],
  [
    "long-idle",
    longIdle,
    named("long-idle", (of) =>
      [1, 15, 45].flatMap((s) => ["in the firmware", "before the verify"].map((at) => `${of} ${s} s ${at}`)),
    ),
  ],
])("%s passes on the module as it is believed to be", async (_, scenario, names) => {
  const played = await playScenario(any(scenario), { firmwares });
  expect(played.map(({ name, ended }) => [name, ended.verdict, ended.fault?.message])).toEqual(
    names.map((name) => [name, "passed", undefined]),
  );
});

test("the suite: what ships with its tag, made of nothing where there is no firmware", () => {
  const suite = SCENARIOS.filter(({ tags = [] }) => tags.includes("stress"));
  expect(suite.map(({ name }) => name)).toEqual([
    ...["reflash", "round-trip", "random-power-cut", "noisy-line", "hot-flash", "long-idle"],
  ]);
  for (const { parameters } of suite) expect([...(parameters?.({ firmwares: [] }) ?? [])]).toEqual([]);
});

test("a module that falls silent in mid-write, and is flashed in the end, is no clean cycle", async () => {
  const sim = { faults: [{ at: { command: "flashDecompressWrite", nth: 3 }, do: "silent" }] };
  const [played] = await playScenario(any(reflash), { firmwares, only: "t01@2.0.106", sim });
  const cycles = new Cycles();
  const states = played?.facts.map((fact) => cycles.hear(fact)?.state).filter((state) => state !== undefined);
  expect(played?.ended.verdict).toBe("passed");
  expect(states).toEqual([]);
  const place = { case: played?.name ?? "", scenario: "reflash", rig: "bench" };
  expect(cycles.hear({ type: "case.ended", ...place, verdict: "passed" })?.state).toBe("ok after retry");
});

const codeOf = ({ ended }: Played) => [ended.verdict, ended.fault?.code, ended.fault?.blame];

/** Runs those cases whose name has `only` in it; each must end so. */
async function ends(
  scenario: unknown,
  only: string,
  setting: Omit<Parameters<typeof playScenario>[1], "firmwares" | "only">,
  wanted: readonly (string | undefined)[],
): Promise<Played[]> {
  const played = await playScenario(any(scenario), { firmwares, only, ...setting });
  expect(played.length).toBeGreaterThan(0);
  expect(played.map((one) => [one.name, ...codeOf(one)])).toEqual(played.map(({ name }) => [name, ...wanted]));
  return played;
}

const STUCK = {
  quirks: {
    stuckBits: [
      { address: 0x11000, bit: 0, value: 0 },
      { address: 0x11001, bit: 0, value: 0 },
    ],
  },
};
const FAILED = ["failed", "EXPECTATION_FAILED", "module"];

/** What is on the flash once this has been flashed is another. */
const afterFlash =
  (change: (module: SimModule, label: string) => void) =>
  (bench: Bench, module: SimModule): Bench => ({
    ...bench,
    flash: async (firmware, session) => {
      await bench.flash(firmware, session);
      change(module, firmware.label);
    },
  });

test("round-trip: what an erase has left of the other firmware, behind the end of a file", async () => {
  const twist = afterFlash((module, label) => label.startsWith("t02") && module.flash.fill(0, 0x17000, 0x17010));
  const [played] = await ends(roundTrip, "", { twist }, FAILED);
  expect(played?.ended.fault?.message).toContain("0x14000, ");
});

test("round-trip: the other firmware still boots, or a module takes no other", async () => {
  const twist = (bench: Bench): Bench => ({
    ...bench,
    flash: async (firmware, session) => {
      if (firmware.profile === "t01") await bench.flash(firmware, session);
    },
  });
  await ends(roundTrip, "", { twist }, ["failed", "BOOT_UNEXPECTED", "firmware"]);
  await ends(roundTrip, "", { sim: STUCK }, ["failed", "MODULE_BRICKED", "module"]);
});

test.each([
  ["once", 1, ["passed", undefined, undefined]],
  ["each time another way", 1000, ["broken", "REPLY_MALFORMED", "link"]],
])("round-trip: a hash that comes damaged %s is not held against the module", async (_, times, wanted) => {
  let damaged = 0;
  const twist = (bench: Bench): Bench => ({
    ...bench,
    hash: async (...args) => (damaged < times ? String(damaged++).padStart(64, "0") : bench.hash(...args)),
  });
  await ends(roundTrip, "", { twist }, wanted);
});

/** A random function that gives these first. */
const drawing =
  (...values: readonly number[]) =>
  (bench: Bench): Bench => {
    let at = 0;
    return { ...bench, random: () => values[at++] ?? 0.5 };
  };
const noteOf = ({ facts }: Played, start: string): string =>
  facts.flatMap((fact) => (fact.type === "note" && fact.message.startsWith(start) ? [fact.message] : []))[0] ?? "";

test.each([
  ["the first byte", [0, 0.9], /^write boot2 0\.00\d% by/],
  ["the last byte", [1 - 1e-12, 0.9], /^write littlefs 99\.\d+% by/],
  ["the last byte, at work", [1 - 1e-12, 0.1, 0.5], /^write littlefs 99\.\d+%, 5\.5 ms at work by/],
  ["the first byte, at work", [0, 0.1, 0], /^write boot2 0\.00\d%, 0 ms at work by/],
])("random-power-cut at %s is a cut", async (_, values, told) => {
  for (const played of await ends(randomPowerCut, "t01", { twist: drawing(...values) }, [
    "passed",
    undefined,
    undefined,
  ]))
    expect(noteOf(played, "write")).toMatch(told);
});

test("random-power-cut: the same name cuts at the same byte, another one elsewhere", async () => {
  const cut = async () =>
    (await playScenario(any(randomPowerCut), { firmwares, only: "power" })).map((one) => noteOf(one, "write"));
  const first = await cut();
  expect(await cut()).toEqual(first);
  const cycle =
    (name: string) =>
    (bench: Bench): Bench => ({ ...bench, random: randomOf(1, name) });
  const cycles = [];
  for (const name of ["x #1", "x #2", "x #3"]) {
    const [one] = await playScenario(any(randomPowerCut), {
      firmwares,
      only: "t01@2.0.106 by power",
      twist: cycle(name),
    });
    cycles.push(one === undefined ? "" : noteOf(one, "write"));
  }
  expect(new Set([...first, ...cycles]).size).toBe(first.length + cycles.length);
});

test("random-power-cut: a cut while a page is programmed leaves it partly programmed", async () => {
  // Half of boot2: it is a run of pages that are programmed one by one.
  const twist = drawing(0.3, 0.1, 0.45);
  const [played] = await playScenario(any(randomPowerCut), { firmwares, only: "t01@2.0.106 by power", twist });
  expect(played?.ended.verdict).toBe("passed");
  expect(noteOf(played as Played, "left in the flash")).toMatch(/boot2 \d+ of 52544 bytes, blank behind/);
});

test("random-power-cut: a module that does not come back, and one that takes no firmware any more", async () => {
  const twist = (bench: Bench, module: SimModule): Bench => ({
    ...bench,
    interrupt: async (...args) => {
      const interrupted = await bench.interrupt(...args);
      module.orders.arm({ faults: [{ at: { byte: 0, dir: "module" }, do: "drop", count: 1_000_000_000 }] });
      return interrupted;
    },
  });
  await ends(randomPowerCut, "t01", { twist }, ["failed", "MODULE_BRICKED", "module"]);
  await ends(randomPowerCut, "t01", { sim: { quirks: { flashFails: true } } }, ["failed", "MODULE_BRICKED", "module"]);
});

test("random-power-cut: a cut that never came is no cycle that went well; without lines it is the rig's", async () => {
  const never = (bench: Bench): Bench => ({
    ...bench,
    interrupt: (firmware) =>
      bench.interrupt(firmware, { moment: { stage: "write", file: "none", percent: 0 }, cause: "power" }),
  });
  await ends(randomPowerCut, "t01", { twist: never }, ["broken", "MOMENT_MISSED", "harness"]);
  await ends(randomPowerCut, "by power", { rig: { switchesPower: false } }, ["broken", "LINES_NOT_DRIVEN", "rig"]);
  await ends(randomPowerCut, "by chip-en", { rig: { switchesPower: false } }, ["passed", undefined, undefined]);
});

test("noisy-line: cells that are wrong are the module's, on a noisy line too", async () => {
  const stuck = await playScenario(any(noisyLine), { firmwares, only: "two bytes", sim: STUCK });
  expect(stuck.map(codeOf)).toEqual(stuck.map(() => ["failed", "VERIFY_MISMATCH", "module"]));
});

test("noisy-line: a wrong content that was taken for good", async () => {
  const twist = afterFlash(({ flash }) => flash.set([(flash[0x12000] ?? 0) ^ 1], 0x12000));
  await ends(noisyLine, "two bytes", { twist }, FAILED);
});

test("noisy-line: a host that believes a flash whose hashes were all damaged is broken itself", async () => {
  const twist = (bench: Bench): Bench => ({
    ...bench,
    flash: (firmware, session) => bench.flash(firmware, session).catch(() => undefined),
  });
  await ends(noisyLine, "every hash", { twist }, ["broken", "INTERNAL", "harness"]);
});

test("noisy-line: a noise that never came has shown nothing", async () => {
  const twist = (bench: Bench): Bench => ({ ...bench, arm: () => ({ struck: false, disarm: () => undefined }) });
  await ends(noisyLine, "", { twist }, ["broken", "MOMENT_MISSED", "harness"]);
});

test("noisy-line: a line that carries nothing is the line's", async () => {
  await ends(noisyLine, "two bytes t01", { sim: { link: { maxBaud: 1_000_000 } } }, [
    "broken",
    "LINK_TOO_SLOW",
    "link",
  ]);
});

test("noisy-line: whatever the seed, two bytes are got over, and nothing is ever held against the module", async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const twist = (bench: Bench): Bench => ({ ...bench, random: randomOf(seed, "noise") });
    await ends(noisyLine, "t02", { twist }, ["passed", undefined, undefined]);
  }
}, 60_000);

test("hot-flash: a flash that is too slow for the host's waits is no fault of the module", async () => {
  // A chunk programs some pieces of 16 pages, and is waited for 30 s.
  const sim = { flash: { pageMs: 100 } };
  await ends(hotFlash, "t01@2.0.106 3 ", { sim }, ["passed", undefined, undefined]);
  await ends(hotFlash, "t01@2.0.106 10 ", { sim }, ["broken", "COMMAND_TIMEOUT", "link"]);
});

test("hot-flash: a device that says OK before it programs is waited for as long", async () => {
  // The last chunk of littlefs programs 32 pages, of which the write check hears.
  const sim = { flash: { pageMs: 20 }, quirks: { ackBeforeProgramming: true } };
  await ends(hotFlash, "t01@2.0.106 10 ", { sim }, ["passed", undefined, undefined]);
});

test("hot-flash: a flash that is no slower has shown nothing; one that keeps no bit is the module's", async () => {
  const twist = (bench: Bench): Bench => ({ ...bench, arm: () => ({ struck: true, disarm: () => undefined }) });
  await ends(hotFlash, "t01", { twist }, ["broken", "MOMENT_MISSED", "harness"]);
  await ends(hotFlash, "t01", { sim: STUCK }, ["failed", "MODULE_BRICKED", "module"]);
});

test("long-idle: a ROM that ends its session at the first time-out loses what the host counts on", async () => {
  const sim = { quirks: { firstIdleEnds: true } };
  const [played] = await ends(longIdle, "t01@2.0.106 15 s in", { sim }, FAILED);
  expect(played?.ended.fault?.message).toMatch(
    /write firmware 50% by a host that is idle for 15 s: expected the session/,
  );
  await ends(longIdle, "t01@2.0.106 15 s before", { sim }, FAILED);
  await ends(longIdle, "t01@2.0.106 1 s", { sim }, ["passed", undefined, undefined]);
  await ends(longIdle, "t01@2.0.106 45 s", { sim }, ["passed", undefined, undefined]);
});

test.each([
  ["knows no 0x23: 15 s are beyond its own 4 s", { lacks: [0x23] }],
  ["never ends a session", { lacks: [0x23], idleMs: 1_000_000 }],
])("long-idle: a ROM that %s", async (_, quirks) => {
  await ends(longIdle, "t01@2.0.106 15 s", { sim: { quirks } }, ["passed", undefined, undefined]);
  await ends(longIdle, "t01@2.0.106 45 s", { sim: { quirks } }, ["passed", undefined, undefined]);
});

test("long-idle: one answer that the line has lost is no session that has ended", async () => {
  const sim = {
    faults: [
      { at: { command: "flashErase", nth: 1 }, do: "drop" },
      { at: { command: "flashChipErase", nth: 2 }, do: "drop" },
    ],
  };
  await ends(longIdle, "t01@2.0.106 1 s in", { sim }, ["passed", undefined, undefined]);
});

/** Something happens to the module in the middle of the idle time. */
const meanwhile =
  (ms: number, happens: (module: SimModule) => void) =>
  (bench: Bench, module: SimModule): Bench => ({
    ...bench,
    interrupt: async (...args) => {
      void bench.deadline.clock.sleep(ms).then(() => happens(module));
      return bench.interrupt(...args);
    },
  });

test("long-idle: a write that is lost silently meanwhile", async () => {
  // A page of boot2, which was acknowledged and, once the firmware is written, verified.
  const twist = meanwhile(8000, ({ flash }) => flash.fill(0xff, 0xcb00, 0xcc00));
  await ends(longIdle, "t01@2.0.106 15 s in", { twist }, FAILED);
  await ends(longIdle, "t01@2.0.106 15 s before", { twist }, ["failed", "VERIFY_MISMATCH", "module"]);
  const played = await ends(longIdle, "t01@2.0.106 45 s", { twist }, FAILED);
  for (const { ended } of played) expect(ended.fault?.message).toContain("boot2: ");
  const half = meanwhile(8000, ({ flash }) => flash.fill(0x55, 0x10000, 0x10010));
  await ends(longIdle, "t01@2.0.106 45 s in", { twist: half }, FAILED);
});

test("a module that takes T01 once: what is looked at is never erased for it, and the ladder's last rungs do", async () => {
  const sim = { quirks: { t01Reflash: true } };
  for (const [scenario, only] of [
    [roundTrip, ""],
    [randomPowerCut, "t01"],
    [hotFlash, "t01"],
    [longIdle, "t01@2.0.106 15 s"],
  ] as const) {
    const played = await ends(scenario, only, { sim }, ["passed", undefined, undefined]);
    for (const { facts } of played)
      expect(facts).toContainEqual(expect.objectContaining({ type: "recovered", state: "recovered", rung: 7 }));
  }
  await ends(noisyLine, "two bytes t02", { sim }, ["passed", undefined, undefined]);
});

test("noisy-line: a module that does not hash has no such answer to damage", async () => {
  const [played] = await playScenario(any(noisyLine), {
    firmwares,
    only: "every hash",
    sim: { quirks: { lacks: [0x3e] } },
  });
  expect(played?.ended).toMatchObject({ verdict: "skipped", reason: expect.stringContaining("does not hash") });
});
