import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ERRORS } from "../../harness/base/errors.js";
import { planOf } from "../../harness/flash/plan.js";
import { hashRange } from "../../harness/flash/verify.js";
import { u32 } from "../../harness/protocol/fields.js";
import { eraseChip } from "../../harness/recover/erase.js";
import { flashModule } from "../../harness/recover/flash.js";
import { openModule } from "../../harness/recover/open.js";
import { simBench } from "../support/bench.js";
import { plainSet } from "../support/package.js";

const DATA = { section: "data", address: 0x100000, bytes: Buffer.alloc(4096, "data") };

test("a number that four bytes do not hold is never cut to another one", () => {
  fc.assert(
    // NaN among them, on purpose.
    fc.property(fc.oneof(fc.double(), fc.maxSafeInteger(), fc.nat(0xffff_ffff)), (value) => {
      const holds = Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff && !Object.is(value, -0);
      if (holds) expect(u32.decode(u32.encode(value))).toBe(value);
      else if (!Object.is(value, -0)) expect(() => u32.encode(value)).toThrow(RangeError);
    }),
  );
});

test.each([0x40_0000 - 2048, 0x40_0000, 0x40_e000])(
  "a file that reaches beyond the flash from %d is refused",
  async (address) => {
    const { rig, deadline, module } = simBench();
    const plan = planOf(plainSet([{ ...DATA, address }]), { erase: "needed" });
    const before = Buffer.from(module.flash);
    const session = await openModule(rig, deadline);
    await expect(flashModule(session, plan, deadline)).rejects.toMatchObject({
      code: "FLASH_TOO_SMALL",
      blame: "config",
    });
    expect(Buffer.from(module.flash).equals(before)).toBe(true);
  },
);

test.each([0x100_0000, 0xffff_f000, 0x1_0000_0000, 0x1_0010_0000])("no plan reaches %d", (address) => {
  expect(() => planOf(plainSet([{ ...DATA, address }]))).toThrow(expect.objectContaining({ code: "PLAN_INVALID" }));
});

test.each([
  ["ffffff", "no flash answers the module"],
  ["000000", "no flash answers the module"],
  ["c460ff", "expected a capacity"],
  ["c46036", "expected a capacity"],
  ["c46012", "expected a capacity"],
])("a flash that calls itself %s is none: nothing is erased", async (jedec, message) => {
  const { rig, deadline, module } = simBench({ jedec });
  const before = Buffer.from(module.flash);
  const refused = { code: "FLASH_UNREACHED", blame: "module", message: expect.stringContaining(message) };
  await expect(openModule(rig, deadline)).rejects.toMatchObject(refused);
  await expect(eraseChip(rig, deadline)).rejects.toMatchObject(refused);
  expect(Buffer.from(module.flash).equals(before)).toBe(true);
});

test("what is said of a flash that is not reached holds after an erase, too", () => {
  expect(ERRORS.FLASH_UNREACHED.advice).not.toContain("erased");
});

test("a plan of which skipped ranges leave nothing is no plan", () => {
  const set = plainSet([DATA], { skip: [{ address: 0, bytes: 0x40_0000 }] });
  for (const erase of ["none", "needed"] as const)
    expect(() => planOf(set, { erase })).toThrow(
      expect.objectContaining({ code: "PLAN_INVALID", message: expect.stringContaining("nothing is left") }),
    );
});

test("a chip erase and a skipped range exclude each other, whatever lies where", () => {
  for (const skip of [
    { address: 0x3f_f000, bytes: 0x1000 },
    { address: 0, bytes: 0x40_0000 },
  ])
    expect(() => planOf(plainSet([DATA], { skip: [skip] }), { erase: "chip" })).toThrow(
      expect.objectContaining({
        code: "PLAN_INVALID",
        message: expect.stringContaining("a chip erase keeps no skipped"),
      }),
    );
});

test.each([
  ["keeps", "needed", true],
  ["may not erase", "none", false],
] as const)("no rung of the ladder erases what a plan %s", async (_, erase, skipped) => {
  const kept = { address: 0x20_0000, bytes: 0x1000 };
  const { rig, deadline, module } = simBench({ contents: "blank", quirks: { deadSectors: [DATA.address] } });
  const held = plainSet([{ section: "kept", address: kept.address, bytes: Buffer.alloc(kept.bytes, 0x5a) }]);
  await flashModule(await openModule(rig, deadline), planOf(held), deadline);
  const plan = planOf(plainSet([DATA], { skip: skipped ? [kept] : [] }), { erase });
  const session = await openModule(rig, deadline);
  await expect(flashModule(session, plan, deadline, undefined, { top: 8 })).rejects.toMatchObject({
    code: "VERIFY_MISMATCH",
  });
  expect(module.flash.subarray(kept.address, kept.address + kept.bytes).every((byte) => byte === 0x5a)).toBe(true);
});

test("what is written without an erase must find blank cells, or the same bytes", async () => {
  const { rig, deadline } = simBench({ contents: "blank" });
  const plan = planOf(plainSet([DATA]), { erase: "none" });
  let session = await openModule(rig, deadline);
  session = await flashModule(session, plan, deadline);
  session = await flashModule(session, plan, deadline);
  const other = planOf(plainSet([{ ...DATA, bytes: Buffer.alloc(4096, "other") }]), { erase: "none" });
  const before = await hashRange(session.rom, 0, 0x40_0000, deadline);
  await expect(flashModule(session, other, deadline)).rejects.toMatchObject({
    code: "FLASH_NOT_BLANK",
    blame: "config",
  });
  expect(await hashRange(session.rom, 0, 0x40_0000, deadline)).toBe(before);
});
