import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Rig } from "../../harness/base/wire.js";
import { SYNTHETIC_KEY_HASH, syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { burnEfuses, fusesForPlan } from "../../harness/flash/efuse.js";
import { type EfusePlan, efusePlan } from "../../harness/flash/efuse-plan.js";
import { readFuses } from "../../harness/flash/fuses.js";
import { planOf } from "../../harness/flash/plan.js";
import { proveBoot } from "../../harness/flash/prove.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import type { Session } from "../../harness/session/session.js";
import { simBench } from "../support/bench.js";
import { answering, fuseMap, lockingFuses, maskOf } from "../support/fuses.js";
import { plainSet, syntheticSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";
import { tapped } from "../support/tap.js";

const CHIP_ID = "40827b037742";
const UNLOCKED = { locked: false, contents: "blank" };
const ARMED = { allow: { efuse: true, unlocked: true } };

/** The plan of `wanted` on the module of a session. */
async function planned(session: Session, wanted: Uint8Array, bench: ReturnType<typeof simBench>): Promise<EfusePlan> {
  return efusePlan(await fusesForPlan(session, bench.deadline), wanted, maskOf(wanted));
}

/** A session on a module, and its plan; all that the host sends is kept. */
async function prepared(
  wanted: Uint8Array,
  options: Record<string, unknown> = UNLOCKED,
  rig: Partial<Rig> = ARMED,
  wrap = (wire: Rig["wire"]) => wire,
) {
  const bench = simBench(options, rig);
  const { wire, sent } = tapped(wrap(bench.rig.wire));
  const session = await openModule({ ...bench.rig, wire }, bench.deadline);
  return { ...bench, session, sent, plan: await planned(session, wanted, bench) };
}

const fuseFramesOf = (sent: readonly string[]): string[] => sent.filter((frame) => /^4[01]/.test(frame));
const opcodesOf = (sent: readonly string[]): string[] => fuseFramesOf(sent).map((frame) => frame.slice(0, 2));

describe("a burn on an unlocked module", () => {
  test("locks it to the synthetic key: its images boot, those of another key do not", async () => {
    const { rig, deadline, session, plan } = await prepared(lockingFuses());
    await programModule(session, planOf(syntheticSet("t01")), deadline);
    await expect(burnEfuses(session, plan, CHIP_ID, deadline)).resolves.toEqual({ writes: 1, unverified: [] });
    const expected = { profile: "t01", version: "2.0.106" } as const;
    await expect(proveBoot(rig, expected, deadline)).resolves.toMatchObject({ proven: true });

    const locked = await openModule(rig, deadline);
    expect(locked.info.signRequired).toBe(true);
    await expect(readFuses(locked, deadline)).resolves.toMatchObject({
      keyHash: SYNTHETIC_KEY_HASH,
      signRequired: true,
    });
    const foreign = syntheticFirmware({ profile: "t01", version: "2.0.106", bytes: 65536, seed: 1 });
    const foreignSet = plainSet([{ section: "FW", address: 0x10000, bytes: foreign }]);
    await programModule(locked, planOf(foreignSet, { raw: true }), deadline);
    await expect(proveBoot(rig, undefined, deadline)).rejects.toMatchObject({ code: "BOOT_REJECTED" });
  });

  test("fuses are read, written once each, data before locks, and read back", async () => {
    const locks = (1 << 17) | (1 << 18);
    const { deadline, session, plan, sent } = await prepared(lockingFuses({ 124: locks, 508: 1 }));
    await expect(burnEfuses(session, plan, CHIP_ID, deadline)).resolves.toEqual({ writes: 3, unverified: [] });
    const readAll = "410a08000000000000020000";
    const frames = fuseFramesOf(sent);
    expect(frames.map((frame) => frame.slice(0, 24))).toEqual([
      readAll,
      readAll,
      expect.stringMatching(/^40..840000000000/),
      expect.stringMatching(/^40..140070000000/),
      expect.stringMatching(/^40..1400f0010000/),
      readAll,
    ]);
    expect(frames[3]?.slice(16)).toBe(`${"00".repeat(12)}00000600`);
  });

  test("the same file again sends nothing", async () => {
    const wanted = lockingFuses({ 124: (1 << 17) | (1 << 18) });
    const { rig, deadline, session, plan, sent, ...bench } = await prepared(wanted);
    await burnEfuses(session, plan, CHIP_ID, deadline);
    const again = await openModule({ ...rig, wire: session.rig.wire }, deadline);
    const nothing = await planned(again, wanted, { rig, deadline, ...bench });
    expect(nothing.changes).toEqual([]);
    sent.length = 0;
    await expect(burnEfuses(again, nothing, CHIP_ID, deadline)).resolves.toEqual({ writes: 0, unverified: [] });
    expect(sent).toEqual([]);
  });

  test("a read lock hides what was burned after the next reset: it is told, and left alone", async () => {
    const wanted = lockingFuses({ 124: (1 << 27) | (1 << 28) });
    const { rig, deadline, session, plan, ...bench } = await prepared(wanted);
    await burnEfuses(session, plan, CHIP_ID, deadline);
    const hidden = await planned(await openModule(rig, deadline), wanted, { rig, deadline, ...bench });
    expect(hidden.writes).toEqual([]);
    expect(hidden.conflicts.map(({ field, forbids }) => [field, forbids])).toEqual([
      ["key hash", false],
      ["word", false],
    ]);
  });
});

test("a locked module that holds it all: nothing is sent", async () => {
  using folder = scratch();
  const state = folder.file("m.img");
  const options = { state, keyHash: SYNTHETIC_KEY_HASH };
  const { deadline, session, plan, sent, module } = await prepared(lockingFuses(), options);
  await expect(burnEfuses(session, plan, CHIP_ID, deadline)).resolves.toEqual({ writes: 0, unverified: [] });
  expect(opcodesOf(sent)).toEqual(["41"]);
  module.save();
  expect(existsSync(state)).toBe(false);
});

describe("each guard alone refuses, and no fuse is written", () => {
  const other = "11".repeat(32);
  test.each([
    ["the rig file does not allow it", UNLOCKED, { allow: { efuse: false, unlocked: true } }, CHIP_ID, "USAGE"],
    ["another module is named", UNLOCKED, ARMED, "40827b037743", "WRONG_MODULE"],
    ["no module is named", UNLOCKED, ARMED, "", "WRONG_MODULE"],
    ["another key is fused", { ...UNLOCKED, keyHash: other }, ARMED, CHIP_ID, "PLAN_INVALID"],
  ])("%s", async (_, options, rig, chipId, code) => {
    using folder = scratch();
    const state = folder.file("m.img");
    const { deadline, session, plan, sent, module } = await prepared(lockingFuses(), { ...options, state }, rig);
    await expect(burnEfuses(session, plan, chipId, deadline)).rejects.toMatchObject({ code, blame: "config" });
    expect(opcodesOf(sent)).toEqual(["41"]);
    module.save();
    expect(existsSync(state)).toBe(false);
  });

  test("the fuses are not those that were looked at", async () => {
    const answer = Buffer.concat([Buffer.from("4f4b0002", "hex"), fuseMap({ 256: 1 })]);
    const second = (wire: Rig["wire"]) => answering(wire, 0x41, (nth) => (nth === 2 ? answer : undefined)).wire;
    const { deadline, session, plan, sent } = await prepared(lockingFuses(), UNLOCKED, ARMED, second);
    await expect(burnEfuses(session, plan, CHIP_ID, deadline)).rejects.toMatchObject({
      code: "PLAN_INVALID",
      message: expect.stringMatching(/fuses at 0x14: expected 4277037b, as when the burn was planned, found 00000000/),
    });
    expect(opcodesOf(sent)).toEqual(["41", "41"]);
  });

  test("a module that does not tell its fuses", async () => {
    const refusal = Buffer.from("464c0604", "hex");
    const refusing = (wire: Rig["wire"]) => answering(wire, 0x41, () => refusal).wire;
    await expect(prepared(lockingFuses(), UNLOCKED, ARMED, refusing)).rejects.toMatchObject({ code: "PLAN_INVALID" });
  });
});

describe("a burn that goes wrong is never sent twice", () => {
  test.each([
    ["silence", new Uint8Array(), "COMMAND_TIMEOUT"],
    ["a refusal", Buffer.from("464c0304", "hex"), "COMMAND_REFUSED"],
  ])("%s", async (_, answer, code) => {
    const wrong = (wire: Rig["wire"]) => answering(wire, 0x40, () => answer).wire;
    const wanted = lockingFuses({ 124: 1 << 17 });
    const { deadline, session, plan, sent } = await prepared(wanted, UNLOCKED, ARMED, wrong);
    await expect(burnEfuses(session, plan, CHIP_ID, deadline)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^fuses at 0x0, write 1 of 2: /),
      advice: expect.stringContaining("It is not sent again"),
    });
    expect(opcodesOf(sent)).toEqual(["41", "41", "40"]);
  });

  test("a fuse that did not take is told with its place", async () => {
    const ok = Buffer.from("4f4b", "hex");
    const deaf = (wire: Rig["wire"]) => answering(wire, 0x40, () => ok).wire;
    const { deadline, session, plan } = await prepared(lockingFuses(), UNLOCKED, ARMED, deaf);
    await expect(burnEfuses(session, plan, CHIP_ID, deadline)).rejects.toMatchObject({
      code: "VERIFY_MISMATCH",
      message: expect.stringContaining("fuses at 0x1C: expected the bits 3f82a66e, found 00000000"),
    });
  });

  test("what a lock hides at once cannot be verified, which is told and no failure", async () => {
    const wanted = lockingFuses({ 124: (1 << 27) | (1 << 28) });
    const seen = wanted.slice().fill(0, 0x1c, 0x3c);
    const answer = Buffer.concat([Buffer.from("4f4b0002", "hex"), seen]);
    const hiding = (wire: Rig["wire"]) => answering(wire, 0x41, (nth) => (nth === 3 ? answer : undefined)).wire;
    const { deadline, session, plan } = await prepared(wanted, UNLOCKED, ARMED, hiding);
    await expect(burnEfuses(session, plan, CHIP_ID, deadline)).resolves.toEqual({
      writes: 2,
      unverified: ["key slot 0", "key slot 1"],
    });
  });

  test("an answer that is cut short is no proof", async () => {
    const answer = Buffer.concat([Buffer.from("4f4b1000", "hex"), new Uint8Array(16)]);
    const short = (wire: Rig["wire"]) => answering(wire, 0x41, (nth) => (nth === 3 ? answer : undefined)).wire;
    const { deadline, session, plan } = await prepared(lockingFuses(), UNLOCKED, ARMED, short);
    await expect(burnEfuses(session, plan, CHIP_ID, deadline)).rejects.toMatchObject({ code: "REPLY_MALFORMED" });
  });
});

test("no scenario, no run and no recovery reaches a burn", () => {
  const files = ["harness/run", "harness/recover", "harness/session", "scenarios", "rigs"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  expect(files.filter((file) => /efuseWrite|flash\/efuse|burnEfuses/.test(readFileSync(file, "utf8")))).toEqual([]);
});
