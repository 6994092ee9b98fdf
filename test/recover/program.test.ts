import { expect, test } from "@jest/globals";
import { planOf } from "../../harness/flash/plan.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import { faulty } from "../support/faulty.js";
import { plainSet } from "../support/package.js";
import { tapped } from "../support/tap.js";

const ONE = { section: "one", address: 0x8000, bytes: new Uint8Array(3000).fill(0x11) };
const TWO = { section: "two", address: 0x8c00, bytes: new Uint8Array(3000).fill(0x22) };
/** Somewhere in the middle of the data of the first file, on its way to the module. */
const IN_MID_FILE = [{ toward: "module", at: 1500, kind: "drop", value: 0 }] as const;

test("no erase was asked for: a file that is begun again erases nothing either, and its neighbours stay", async () => {
  const { rig, deadline, module } = simBench({ contents: "blank" });
  module.flash.fill(0x77, 0x8c00, 0x9000);
  const session = await openModule({ ...rig, wire: faulty(rig.wire, IN_MID_FILE) }, deadline);
  const told: string[] = [];
  const plan = planOf({ ...plainSet([ONE]), findings: [] }, { erase: "none" });
  await programModule(session, plan, deadline, {
    stage: ({ stage }) => told.push(stage),
    note: (note, again) => told.push(`${note}: ${again}`),
  });
  expect(told.filter((line) => line.endsWith("begun again: again"))).toHaveLength(1);
  expect(told).not.toContain("erase");
  expect(Buffer.from(module.flash.subarray(0x8000, 0x8000 + 3000)).equals(Buffer.from(ONE.bytes))).toBe(true);
  expect(module.flash.subarray(0x8c00, 0x9000).every((byte) => byte === 0x77)).toBe(true);
});

test("two files in one sector after a chip erase: the one that is begun again does not take the other along", async () => {
  const { rig, deadline, module } = simBench();
  const session = await openModule({ ...rig, wire: faulty(rig.wire, [{ ...IN_MID_FILE[0], at: 5500 }]) }, deadline);
  const plan = planOf({ ...plainSet([ONE, TWO], { erase: 2 }), findings: [] });
  await programModule(session, plan, deadline);
  for (const { address, bytes } of [ONE, TWO]) {
    expect(Buffer.from(module.flash.subarray(address, address + bytes.length)).equals(Buffer.from(bytes))).toBe(true);
  }
});

test("a chip that refuses to erase is the module's fault, after three tries", async () => {
  const { rig, deadline } = simBench({ quirks: { flashFails: true } });
  const plan = planOf({ ...plainSet([ONE]), findings: [] });
  await expect(programModule(await openModule(rig, deadline), plan, deadline)).rejects.toMatchObject({
    code: "COMMAND_REFUSED",
    blame: "module",
    details: { command: "flashErase", status: 3 },
  });
});

const WRITES = new Set(["31", "3f"]);

test.each([
  ["what the rig file says", {}, 4096, [4096, 904]],
  ["what is proven, where more is not answered", { quirks: { payloadLimit: 3000 } }, 4096, [2048, 2048, 904]],
])("so much goes with one command: %s", async (_, sim, writeBytes, lengths) => {
  const { rig, deadline, module } = simBench(sim, { writeBytes });
  const { wire, sent } = tapped(rig.wire);
  const tap = { ...rig, wire };
  const bytes = Buffer.from(Array.from({ length: 5000 }, (__, at) => (at * at * 31 + (at >> 3)) & 0xff));
  const plan = planOf(
    { ...plainSet([{ section: "code", address: 0x10000, bytes }]), findings: [] },
    { compress: "off" },
  );
  await programModule(await openModule(tap, deadline), plan, deadline);
  expect(Buffer.compare(module.flash.subarray(0x10000, 0x10000 + 5000), bytes)).toBe(0);
  const written = sent.filter((frame) => WRITES.has(frame.slice(0, 2))).map((frame) => frame.length / 2 - 8);
  expect(written.slice(-lengths.length)).toEqual(lengths);
});
