import { afterAll, expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import type { Fact } from "../../harness/base/events.js";
import { SystemClock } from "../../harness/base/time.js";
import type { Bay, Rig } from "../../harness/base/wire.js";
import { planOf } from "../../harness/flash/plan.js";
import { expand } from "../../harness/run/matrix.js";
import { type Ended, runCase } from "../../harness/run/runner.js";
import { type Bench, type Scenario, scenario } from "../../harness/run/scenario.js";
import { simBench } from "../support/bench.js";
import { plainSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";
import { tapped } from "../support/tap.js";

const folder = scratch();
afterAll(() => folder[Symbol.dispose]());

/** Runs scenarios in one bay on a virtual clock. `dispose` is how the rig becomes safe, or does not. */
async function run(
  scenarios: readonly Scenario[],
  {
    dispose = async () => undefined,
    abort = new AbortController(),
    allow = { efuse: false, unlocked: false },
  }: { dispose?: () => Promise<void>; abort?: AbortController; allow?: Rig["allow"] } = {},
) {
  const { rig, clock } = simBench();
  const { wire, sent } = tapped(rig.wire);
  const facts: Fact[] = [];
  const open = async () => ({ ...rig, wire, allow, [Symbol.asyncDispose]: dispose });
  const bay: Bay = { name: "bench", labels: [], simulated: true, open };
  const emit = (fact: Fact) => void facts.push(fact);
  const context = { clock, emit, signal: abort.signal, seed: 1, folder: folder.path };
  const ended: Ended[] = [];
  for (const one of scenarios.flatMap((each) => expand(each, { firmwares: [] }, undefined)))
    ended.push(await runCase(one, bay, context));
  return { facts, ended, clock, sent };
}

const claim = (name: string, body: (bench: Bench) => Promise<void>, rest: Partial<Scenario> = {}) =>
  scenario({ name, run: body, ...rest });

test("a case that hangs ends by its time, is broken and not failed, and its body is known to go on", async () => {
  const { ended } = await run([
    claim("hangs", () => new Promise(() => undefined), { timeoutMs: 50 }),
    claim("after", async () => undefined),
  ]);
  expect(ended).toMatchObject([
    { verdict: "broken", settled: false, fault: { code: "CASE_TIMEOUT", blame: "unknown" } },
    { verdict: "passed", settled: true },
  ]);
});

test("a body that waits for something real is waited for; the module's time jumps while the bench is at work", async () => {
  const { ended, clock } = await run([
    claim("waits", async ({ openSession, deadline }) => {
      await openSession();
      const before = deadline.clock.now();
      await new SystemClock().sleep(60);
      expect(deadline.clock.now() - before).toBeGreaterThanOrEqual(55);
      await deadline.sleep(500_000);
    }),
  ]);
  expect(ended[0]?.fault).toBeUndefined();
  expect(clock.now()).toBeGreaterThan(500_000);
});

test("a rig that cannot be made safe is retired, and both errors are told", async () => {
  const { facts, ended } = await run(
    [
      claim("fails", async () => {
        throw new HarnessError("VERIFY_MISMATCH", "bad sector");
      }),
    ],
    {
      dispose: async () => {
        throw new Error("relay is stuck");
      },
    },
  );
  expect(ended).toMatchObject([{ verdict: "failed", retired: true, fault: { code: "VERIFY_MISMATCH" } }]);
  expect(facts).toContainEqual(
    expect.objectContaining({
      type: "rig.retired",
      fault: expect.objectContaining({ code: "RIG_NOT_SAFE", message: expect.stringContaining("relay is stuck") }),
    }),
  );
});

test.each([
  [
    "an error that is not ours",
    () => {
      throw new TypeError("x is undefined");
    },
    "broken",
    "SCENARIO_THREW",
  ],
  [
    "something that is no error at all",
    () => {
      throw "oops";
    },
    "broken",
    "SCENARIO_THREW",
  ],
  [
    "a measured value that is no number",
    ({ measure }: Bench) => measure("speed", Number.NaN, "Bd"),
    "broken",
    "SCENARIO_INVALID",
  ],
  [
    "an attachment that climbs out of its folder",
    ({ attach }: Bench) => attach("../../x", ""),
    "broken",
    "SCENARIO_INVALID",
  ],
])("%s", async (_, body, verdict, code) => {
  const { ended } = await run([claim("one", async (bench) => body(bench))]);
  expect(ended).toMatchObject([{ verdict, fault: { code } }]);
});

test("an attachment that cannot be kept breaks its case, and is no bug of ours", async () => {
  const { ended } = await run([claim("one", async ({ attach }) => attach("x".repeat(300), "text"))]);
  expect(ended).toMatchObject([
    { verdict: "broken", fault: { code: "FILE_UNWRITABLE", message: expect.stringContaining("ENAMETOOLONG") } },
  ]);
});

test("called off in the middle: the case is aborted", async () => {
  const abort = new AbortController();
  const { ended } = await run(
    [
      claim("waits", async ({ deadline }) => {
        void deadline.clock.sleep(50).then(() => abort.abort(new HarnessError("ABORTED", "interrupted by SIGINT")));
        await deadline.sleep(100_000);
      }),
    ],
    { abort },
  );
  expect(ended).toMatchObject([{ verdict: "aborted", fault: { code: "ABORTED", blame: "operator" } }]);
});

test("no scenario burns a fuse, not even on a rig that allows it", async () => {
  const burns = claim("burns", async ({ openSession, deadline }) => {
    const { rom } = await openSession();
    await rom.request("efuseWrite", { address: 0x7c, data: new Uint8Array(4).fill(0xff) }, deadline);
  });
  const { ended, sent } = await run([burns], { allow: { efuse: true, unlocked: true } });
  expect(ended).toMatchObject([{ verdict: "broken", fault: { code: "BURN_REFUSED", blame: "config" } }]);
  expect(sent.filter((frame) => frame.startsWith("40"))).toEqual([]);
});

test("a step that fails is told with its name", async () => {
  const { facts } = await run([
    claim("one", async ({ step }) => {
      await step("good", async () => undefined);
      await step("bad", async () => {
        throw new HarnessError("VERIFY_MISMATCH", "no");
      });
    }),
  ]);
  expect(facts.filter((fact) => fact.type === "step.ended")).toMatchObject([
    { step: "good", ok: true },
    { step: "bad", ok: false },
  ]);
});

test.each([
  [-1, 16],
  [0.5, 16],
  [Number.NaN, 16],
  [0, 0],
  [0, -5],
  [0, 1.5],
])("a range of %d and %d bytes is the scenario's mistake, and no hash of nothing", async (address, length) => {
  for (const what of ["read", "hash"] as const) {
    const body = async (bench: Bench) => void (await bench[what](await bench.openSession(), address, length));
    const { ended } = await run([claim("odd", body)]);
    expect(ended).toMatchObject([{ verdict: "broken", fault: { code: "SCENARIO_INVALID" } }]);
  }
});

test("a range beyond the flash is never another one", async () => {
  for (const what of ["read", "hash"] as const) {
    const body = async (bench: Bench) => void (await bench[what](await bench.openSession(), 0x40_0000 - 8, 16));
    const { ended } = await run([claim("beyond", body)]);
    expect(ended).toMatchObject([{ verdict: "broken", fault: { code: "FLASH_TOO_SMALL" } }]);
  }
});

test("what a flash leaves out is told, and what it erases", async () => {
  const set = plainSet([{ section: "data", address: 0x10_0000, bytes: Buffer.alloc(8192, "data") }], {
    erase: 1,
    skip: [{ address: 0x10_1000, bytes: 0x1000 }],
  });
  const firmware = { profile: "t01", version: "0", label: "kept", load: () => set, plan: () => planOf(set) } as const;
  const { facts, ended } = await run([claim("keeps", async ({ flash }) => flash(firmware))]);
  expect(ended).toMatchObject([{ verdict: "passed" }]);
  const message = "kept; not written: data, 4096 bytes at 0x101000 (skip_mode)";
  expect(facts).toContainEqual({ type: "note", case: "keeps", message });
  const wear = { type: "wear", case: "keeps", chip: "40827b037742", first: 0x100, sectors: 1 };
  expect(facts.filter(({ type }) => type === "wear")).toEqual([wear]);
});
