import { expect, test } from "@jest/globals";
import { planOf } from "../../harness/flash/plan.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import { plainSet } from "../support/package.js";

/** Every byte of it needs its sector erased: the flash held zeros. */
const FILE = { section: "image", address: 0x10000, bytes: Uint8Array.from({ length: 10_000 }, (_, at) => at % 251) };
const PLAIN = planOf({ ...plainSet([FILE]), findings: [] }, { compress: "off" });
const XZ = planOf({ ...plainSet([FILE]), findings: [] });

/** Programs it over these faults. @returns how it ended, and whether the cells hold the file. */
async function programmed(sim: object, plan = PLAIN, random?: () => number) {
  const { rig, deadline, module } = simBench({ contents: "blank", ...sim }, {}, random);
  module.flash.fill(0, 0x10000, 0x13000);
  const session = await openModule(rig, deadline);
  const ended = await programModule(session, plan, deadline).then(
    () => "verified",
    (error) => error.code as string,
  );
  const cells = module.flash.subarray(FILE.address, FILE.address + FILE.bytes.length);
  return { ended, holds: Buffer.from(cells).equals(FILE.bytes) };
}

test.each([0, 0.3, 0.5, 0.7, 0.999])(
  "a bit flipped in the answer to the hash (%d of it): asked again",
  async (where) => {
    const faults = [{ at: { command: "flashXipReadSha" }, do: "flip" }];
    expect(await programmed({ faults }, PLAIN, () => where)).toEqual({ ended: "verified", holds: true });
  },
);

test("the same bit flipped in every answer to the hash: never claimed good, and not held against cells that hold the file", async () => {
  const faults = [{ at: { command: "flashXipReadSha" }, do: "flip", count: 1000 }];
  expect(await programmed({ faults }, PLAIN, () => 0.5)).toEqual({ ended: "REPLY_MALFORMED", holds: true });
});

test("another bit flipped in every answer to the hash: the line's fault, not the module's", async () => {
  const faults = [{ at: { command: "flashXipReadSha" }, do: "flip", count: 1000 }];
  let turn = 0;
  const other = () => (turn++ % 97) / 97;
  expect(await programmed({ faults }, PLAIN, other)).toEqual({ ended: "REPLY_MALFORMED", holds: true });
});

test.each([
  ["plain", PLAIN],
  ["xz", XZ],
])("a chunk acknowledged but not programmed, %s: found, and the file begun again", async (_, plan) => {
  const faults = [{ at: { stage: "program", nth: 1, fraction: 0.2 }, do: "drop" }];
  expect(await programmed({ faults }, plan)).toEqual({ ended: "verified", holds: true });
});

test("chunks that are never programmed: a mismatch, and the module's", async () => {
  const faults = [{ at: { stage: "program" }, do: "drop", count: 1000 }];
  expect(await programmed({ faults })).toEqual({ ended: "VERIFY_MISMATCH", holds: false });
});

test("a sector whose erase failed once without a word: found, and healed", async () => {
  const faults = [{ at: { stage: "erase", fraction: 0.6 }, do: "drop" }];
  expect(await programmed({ faults })).toEqual({ ended: "verified", holds: true });
});

test.each([
  ["a dead sector", { deadSectors: [0x12000] }],
  ["a stuck bit", { stuckBits: [{ address: 0x10007, bit: 0, value: 0 }] }],
])("%s: a mismatch however often it is tried", async (_, quirks) => {
  expect(await programmed({ quirks })).toEqual({ ended: "VERIFY_MISMATCH", holds: false });
});

test.each([
  [{ deadSectors: [0x12000] }, [0x12000], "1 sector differs: 0x12000"],
  [{ deadSectors: [0x10000, 0x12000] }, [0x10000, 0x12000], "2 sectors differ: 0x10000, 0x12000"],
])("a mismatch says what was tried, and where it is: %j", async (quirks, sectors, told) => {
  const { rig, deadline, module } = simBench({ contents: "blank", quirks });
  module.flash.fill(0, 0x10000, 0x13000);
  await expect(programModule(await openModule(rig, deadline), PLAIN, deadline)).rejects.toMatchObject({
    code: "VERIFY_MISMATCH",
    message: expect.stringContaining(`; erased and programmed 3 times, and wrong each time; read back, ${told}`),
    details: { times: 3, sectors },
    advice: expect.not.stringContaining("rase and program once more"),
  });
});

test("a mismatch that cannot be read back says so", async () => {
  const faults = [{ at: { command: "flashRead" }, do: { refuse: 0x0101 }, count: 1000 }];
  const { rig, deadline, module } = simBench({ contents: "blank", quirks: { deadSectors: [0x12000] }, faults });
  module.flash.fill(0, 0x10000, 0x13000);
  await expect(programModule(await openModule(rig, deadline), PLAIN, deadline)).rejects.toMatchObject({
    code: "VERIFY_MISMATCH",
    message: expect.stringContaining("which sectors differ is not known, it was not read back: "),
  });
});

test("without the faults the same plans go through", async () => {
  expect(await programmed({})).toEqual({ ended: "verified", holds: true });
  expect(await programmed({}, XZ)).toEqual({ ended: "verified", holds: true });
});
