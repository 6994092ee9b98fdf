import { describe, expect, test } from "@jest/globals";
import { randomOf } from "../../harness/base/random.js";
import { planOf } from "../../harness/flash/plan.js";
import { compareBytes } from "../../harness/flash/read.js";
import { readProven, verifyPlan } from "../../harness/flash/verify.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import { plainSet } from "../support/package.js";

const BYTES = Uint8Array.from({ length: 5000 }, (_, index) => index * 7);
const FILE = { section: "one", address: 0x8000, bytes: BYTES };
const PLAN = planOf({ ...plainSet([FILE]), findings: [] });
const BACK = { file: "one", address: FILE.address, data: BYTES };
const WHOLE = 1_000_000;

/** A session with a module that holds the file, and a line that damages these of its answers. */
async function session(...faults: { command: string; nth?: number; count?: number; do?: unknown }[]) {
  const options = faults.map(({ command, nth = 1, count = 1, do: action = "flip" }) => ({
    at: { command, nth },
    do: action,
    count,
  }));
  const { rig, deadline, module } = simBench({ faults: options }, {}, randomOf(7, "answers"));
  module.flash.set(BYTES, FILE.address);
  return { session: await openModule(rig, deadline), deadline, module };
}

describe("a plan that is verified", () => {
  test("one damaged hash is asked about once more", async () => {
    const { session: open, deadline } = await session({ command: "flashXipReadSha" });
    await expect(verifyPlan(open, PLAN, deadline)).resolves.toEqual([]);
  });

  test("two wrong hashes that differ tell of the line", async () => {
    const { session: open, deadline } = await session({ command: "flashXipReadSha", count: WHOLE });
    await expect(verifyPlan(open, PLAN, deadline)).rejects.toMatchObject({ code: "REPLY_MALFORMED", blame: "link" });
  });

  test("the same wrong hash twice is a file that differs", async () => {
    const { session: open, deadline, module } = await session();
    module.flash[FILE.address + 4000] = 0x55;
    const different = await verifyPlan(open, PLAN, deadline);
    expect(different.map(({ expected, sectors }) => [expected.file, sectors])).toEqual([["one", [0x8000]]]);
  });
});

describe("bytes that are read back", () => {
  test.each([1, 2, 3])("answer %i damaged: that part is read again, and is right", async (nth) => {
    const { session: open, deadline } = await session({ command: "flashRead", nth });
    await expect(compareBytes(open, BACK, deadline)).resolves.toBeUndefined();
  });

  test("two wrong answers that differ tell of the line", async () => {
    const { session: open, deadline } = await session({ command: "flashRead", count: WHOLE });
    await expect(compareBytes(open, BACK, deadline)).rejects.toMatchObject({ code: "REPLY_MALFORMED", blame: "link" });
  });

  test("damage to one answer does not hide a cell that is wrong behind it", async () => {
    const { session: open, deadline, module } = await session({ command: "flashRead" });
    module.flash[FILE.address + 4999] = 0x55;
    await expect(compareBytes(open, BACK, deadline)).rejects.toMatchObject({
      code: "VERIFY_MISMATCH",
      blame: "module",
      details: { address: FILE.address + 4999, expected: "b1", found: "55" },
    });
  });

  test("a flash over a line that damages every answer is held against the line", async () => {
    const { session: open, deadline } = await session({ command: "flashRead", count: WHOLE });
    const plan = planOf({ ...plainSet([FILE]), findings: [] }, { verify: "read" });
    await expect(programModule(open, plan, deadline)).rejects.toMatchObject({ code: "REPLY_MALFORMED" });
  });
});

describe("a dump", () => {
  const dump = async (...faults: Parameters<typeof session>) => {
    const { session: open, deadline } = await session(...faults);
    const told: string[] = [];
    const observer = { stage: () => undefined, note: (note: string) => told.push(note) };
    const { data, proven } = await readProven(open, FILE.address, BYTES.length, deadline, observer);
    return { right: Buffer.from(BYTES).equals(data), proven, told };
  };

  test.each([
    ["nothing is damaged", []],
    ["an answer is damaged", [{ command: "flashRead", nth: 2 }]],
    ["its hash is damaged", [{ command: "flashXipReadSha" }]],
  ])("is what the module hashes: %s", async (_, faults) => {
    await expect(dump(...faults)).resolves.toMatchObject({
      right: true,
      proven: true,
      told: { length: faults.length },
    });
  });

  test.each(["flashRead", "flashXipReadSha"])("is refused where every %s is damaged", async (command) => {
    await expect(dump({ command, count: WHOLE })).rejects.toMatchObject({ code: "REPLY_MALFORMED", blame: "link" });
  });

  test("is unproven where the device does not hash, and that is said", async () => {
    const unknown = { command: "flashXipReadSha", count: WHOLE, do: { refuse: 0x0101 } };
    const { right, proven, told } = await dump(unknown);
    expect({ right, proven }).toEqual({ right: true, proven: false });
    expect(told).toEqual([expect.stringContaining("unproven")]);
  });
});
