import { afterAll, expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import type { Fact } from "../../harness/base/events.js";
import type { Bay, Rig } from "../../harness/base/wire.js";
import { casesOf } from "../../harness/run/matrix.js";
import { runCases } from "../../harness/run/runner.js";
import { type Bench, type Scenario, scenario } from "../../harness/run/scenario.js";
import { simBench } from "../support/bench.js";
import { scratch } from "../support/scratch.js";
import { tapped } from "../support/tap.js";

const folder = scratch();
afterAll(() => folder[Symbol.dispose]());

const ALL = { patterns: [], suite: undefined, tags: [], grep: undefined, repeat: 1, timeoutMs: undefined };

/** Runs scenarios in one bay on a virtual clock. `dispose` is how the rig becomes safe, or does not. */
async function run(
  scenarios: readonly Scenario[],
  {
    dispose = async () => undefined,
    drivesLines = true,
    abort = new AbortController(),
    allow = { efuse: false, unlocked: false },
  }: { dispose?: () => Promise<void>; drivesLines?: boolean; abort?: AbortController; allow?: Rig["allow"] } = {},
) {
  const { rig, clock } = simBench();
  const { wire, sent } = tapped(rig.wire);
  const facts: Fact[] = [];
  const bay: Bay = {
    name: "bench",
    labels: [],
    drivesLines,
    simulated: true,
    open: async () => ({ ...rig, wire, allow, [Symbol.asyncDispose]: dispose }),
  };
  const context = {
    clock,
    emit: (fact: Fact) => void facts.push(fact),
    signal: abort.signal,
    seed: 1,
    folder: folder.path,
    maxFailures: Number.POSITIVE_INFINITY,
  };
  await runCases(casesOf(scenarios, { firmwares: [] }, ALL), bay, context);
  const ended = facts.filter((fact) => fact.type === "case.ended");
  return { facts, ended, clock, sent };
}

const claim = (name: string, body: (bench: Bench) => Promise<void>, rest: Partial<Scenario> = {}) =>
  scenario({ name, run: body, ...rest });

test("a case that hangs ends by its time, is broken and not failed, and the next one runs", async () => {
  const { ended, clock } = await run([
    claim("hangs", () => new Promise(() => undefined), { timeoutMs: 5000 }),
    claim("after", async () => undefined),
  ]);
  expect(ended).toMatchObject([
    { case: "hangs", verdict: "broken", fault: { code: "CASE_TIMEOUT", blame: "unknown" } },
    { case: "after", verdict: "passed" },
  ]);
  expect(clock.now()).toBe(5000 + 2000); // its time, and the moment to let go
});

test("a rig that cannot be made safe is retired: both errors are told, and the rest is skipped", async () => {
  const { facts, ended } = await run(
    [
      claim("fails", async () => {
        throw new HarnessError("VERIFY_MISMATCH", "bad sector");
      }),
      claim("after", async () => undefined),
    ],
    {
      dispose: async () => {
        throw new Error("relay is stuck");
      },
    },
  );
  expect(ended).toMatchObject([
    { case: "fails", verdict: "failed", fault: { code: "VERIFY_MISMATCH" } },
    { case: "after", verdict: "skipped", reason: expect.stringContaining("retired") },
  ]);
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
    "INTERNAL",
  ],
  [
    "something that is no error at all",
    () => {
      throw "oops";
    },
    "broken",
    "INTERNAL",
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
  const { ended } = await run([claim("x".repeat(300), async ({ attach }) => attach("log.txt", "text"))]);
  expect(ended).toMatchObject([
    { verdict: "broken", fault: { code: "FILE_UNWRITABLE", message: expect.stringContaining("ENAMETOOLONG") } },
  ]);
});

test("what a rig cannot do is skipped with the reason, and never counts as a failure", async () => {
  const { ended } = await run([claim("lines", async () => undefined, { needs: ["lines"] })], { drivesLines: false });
  expect(ended).toMatchObject([{ verdict: "skipped", reason: "bench does not drive BOOT and CHIP_EN" }]);
});

test("called off in the middle: the case is aborted, and no other is begun", async () => {
  const abort = new AbortController();
  const { ended } = await run(
    [
      claim("waits", async ({ deadline }) => {
        void deadline.clock.sleep(50).then(() => abort.abort(new HarnessError("ABORTED", "interrupted by SIGINT")));
        await deadline.sleep(100_000);
      }),
      claim("after", async () => undefined),
    ],
    { abort },
  );
  expect(ended).toMatchObject([{ case: "waits", verdict: "aborted", fault: { code: "ABORTED", blame: "operator" } }]);
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
  [
    "two of one name",
    [claim("one", async () => undefined), claim("one", async () => undefined)],
    'two cases are named "one"',
  ],
  ["a name that is not ASCII", [claim("prüfen", async () => undefined)], "printable ASCII"],
])("refused: %s", (_, scenarios, told) => {
  expect(() => casesOf(scenarios, { firmwares: [] }, ALL)).toThrow(
    expect.objectContaining({ code: "SCENARIO_INVALID", message: expect.stringContaining(told) }),
  );
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
