import { expect, test } from "@jest/globals";
import { Deadline } from "../../harness/base/time.js";
import { interrupt } from "../../harness/brick/interrupt.js";
import { operationsOf } from "../../harness/flash/operations.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { SILENT } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { plainSet, syntheticSet } from "../support/package.js";

const SECTOR = 4096;
/** Four sectors that a compressor takes apart, with blank cells among them. */
const mixed = Uint8Array.from({ length: 5 * SECTOR + 700 }, (_, at) =>
  Math.floor(at / SECTOR) % 2 === 1 ? 0xff : (at * 37 + (at >> 3) * 11) & 0xff,
);
const blank = new Uint8Array(3 * SECTOR).fill(0xff);

const plans: readonly (readonly [string, Plan])[] = [
  ["plain", planOf(plainSet([{ section: "a", address: 0x1080, bytes: mixed }]), { compress: "off" })],
  ["xz", planOf(plainSet([{ section: "a", address: 0x2000, bytes: mixed }]))],
  [
    "two files, one of them blank",
    planOf(
      plainSet([
        { section: "a", address: 0x1000, bytes: blank },
        { section: "b", address: 0x10000, bytes: mixed },
      ]),
    ),
  ],
];

/** What a cut in the middle of one operation leaves; `undefined`: there is no such operation. */
async function cut(plan: Plan, stage: string, nth: number): Promise<Buffer | undefined> {
  const { rig, module, clock } = simBench({ contents: "blank" });
  // So that an erase changes something.
  module.flash.fill(0);
  const target = { plan, expected: { profile: "t01", version: "2.0.106" } } as const;
  const faults = [{ at: { stage, nth }, do: "cutPower" }];
  const deadline = Deadline.in(600_000, "a cut", clock);
  const missed = await interrupt(rig, target, { faults }, deadline, SILENT).then(
    () => false,
    (error) => error.code === "MOMENT_MISSED",
  );
  return missed ? undefined : Buffer.from(module.flash);
}

test.each(plans)(
  "%s: the operations that the simulated flash does, and which cuts leave something new",
  async (_, plan) => {
    const operations = operationsOf(plan);
    let before: Buffer | undefined;
    for (const { stage, nth, changes } of operations) {
      const state = await cut(plan, stage, nth);
      if (state === undefined) throw new Error(`${stage} ${nth} never came`);
      expect([stage, nth, changes]).toEqual([stage, nth, before?.equals(state) !== true]);
      before = state;
    }
    for (const stage of ["erase", "program"] as const) {
      const last = operations.filter((one) => one.stage === stage).length;
      expect(await cut(plan, stage, last + 1)).toBeUndefined();
    }
  },
);

test("T01: as many as its flash does, to the last one", async () => {
  const plan = planOf(syntheticSet("t01"));
  const operations = operationsOf(plan);
  const programs = operations.filter(({ stage }) => stage === "program").length;
  expect(operations.length).toBe(programs + 1);
  expect(await cut(plan, "program", programs)).toBeDefined();
  expect(await cut(plan, "program", programs + 1)).toBeUndefined();
  expect(await cut(plan, "erase", 2)).toBeUndefined();
});
