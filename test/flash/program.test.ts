import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { FlashSet } from "../../harness/firmware/package.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { proveBoot } from "../../harness/flash/prove.js";
import { readFlash } from "../../harness/flash/read.js";
import { verifyPlan } from "../../harness/flash/verify.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import { plainSet, syntheticSet } from "../support/package.js";
import { tapped } from "../support/tap.js";

const planFor = (set: FlashSet): Plan => planOf(set);

/** What a blank flash holds once the set is on it. */
function imageOf({ files }: FlashSet): Buffer {
  const flash = Buffer.alloc(4 * 1024 * 1024, 0xff);
  for (const { address, bytes } of files) flash.set(bytes, address);
  return flash;
}

describe("a whole package", () => {
  test.each(["t01", "t02"] as const)(
    "%s: the flash holds its files byte for byte, FF elsewhere, and it boots",
    async (profile) => {
      const { rig, deadline, module } = simBench();
      const set = syntheticSet(profile);
      await programModule(await openModule(rig, deadline), planFor(set), deadline);
      expect(imageOf(set).equals(module.flash)).toBe(true);
      await expect(proveBoot(rig, { profile, version: "2.0.106" }, deadline)).resolves.toMatchObject({
        proven: true,
        banner: { version: "2.0.106", profile },
      });
    },
  );

  test("mfg keeps what it does not write", async () => {
    const { rig, deadline, module } = simBench();
    await programModule(await openModule(rig, deadline), planFor(syntheticSet("t01")), deadline);
    await programModule(await openModule(rig, deadline), planFor(syntheticSet("mfg")), deadline);
    const littlefs = syntheticSet("t01").files.find(({ section }) => section === "littlefs");
    expect(
      Buffer.from(module.flash.subarray(0x378000))
        .subarray(0, 446464)
        .equals(littlefs?.bytes ?? new Uint8Array()),
    ).toBe(true);
    await expect(proveBoot(rig, { profile: "mfg", version: "2.0.106" }, deadline)).resolves.toMatchObject({
      proven: true,
    });
  });

  test("another firmware than the expected one is told, not passed", async () => {
    const { rig, deadline } = simBench();
    await programModule(await openModule(rig, deadline), planFor(syntheticSet("t01")), deadline);
    await expect(proveBoot(rig, { profile: "t02", version: "2.0.106" }, deadline)).rejects.toMatchObject({
      code: "BOOT_UNEXPECTED",
      blame: "firmware",
      message: "bench: expected t02@2.0.106 to run, the banner says t01@2.0.106",
    });
  });

  test("verify tells each file that differs", async () => {
    const { rig, deadline } = simBench();
    await programModule(await openModule(rig, deadline), planFor(syntheticSet("t01")), deadline);
    const session = await openModule(rig, deadline);
    await expect(verifyPlan(session, planFor(syntheticSet("t01")), deadline)).resolves.toEqual([]);
    const different = await verifyPlan(session, planFor(syntheticSet("t02")), deadline);
    expect(different.map(({ expected }) => expected.file)).toEqual(["FW"]);
  });
});

test("the order of messages is the vendor tool's", async () => {
  const { rig, deadline } = simBench();
  const { wire, sent } = tapped(rig.wire);
  const bytes = Buffer.alloc(5000, "st67");
  const set = plainSet([
    { section: "table", address: 0xe000, bytes: Uint8Array.of(1, 2, 3) },
    { section: "code", address: 0x10000, bytes },
  ]);
  await programModule(await openModule({ ...rig, wire }, deadline), planFor(set), deadline);
  // Up to here the session is opened.
  const program = sent.slice(8);
  const opcodes = program.map((frame) => frame.slice(0, 2));
  const oneFile = (write: string) => ["3b", "30", write, "3a", "60", "3e", "61"];
  // And one hash more, of the file that was proven before the last erase.
  expect(opcodes).toEqual([...oneFile("31"), ...oneFile("3f"), "60", "3e", "61"]);
  expect(program[1]).toBe("30ca080000e0000002e00000"); // the end of an erase is inclusive
  expect(program[7]?.slice(2 + 6, 8 + 8)).toBe("08410101"); // the 88-byte set-para starts with the word
  expect(program[9]?.slice(8, 16)).toBe("00000180"); // bit 31 marks the first chunk of a stream
});

describe("refused with the module untouched", () => {
  test("a signed image on a module that is not locked", async () => {
    const { rig, deadline, module } = simBench({ locked: false });
    const before = Buffer.from(module.flash);
    const session = await openModule(rig, deadline);
    await expect(programModule(session, planFor(syntheticSet("t01")), deadline)).rejects.toMatchObject({
      code: "MODULE_UNLOCKED",
      blame: "config",
    });
    expect(before.equals(module.flash)).toBe(true);
  });

  test("a package that is larger than the flash", async () => {
    const { rig, deadline, module } = simBench({ jedec: "c46015" });
    const before = Buffer.from(module.flash);
    const session = await openModule(rig, deadline);
    await expect(programModule(session, planFor(syntheticSet("t01")), deadline)).rejects.toMatchObject({
      code: "FLASH_TOO_SMALL",
      message: expect.stringContaining("the flash c46015 has 0x200000"),
    });
    expect(before.equals(module.flash)).toBe(true);
  });
});

test("an unlocked module is flashed where the rig file allows it", async () => {
  const { rig, deadline, module } = simBench({ locked: false }, { allow: { efuse: false, unlocked: true } });
  const set = syntheticSet("t01");
  await programModule(await openModule(rig, deadline), planFor(set), deadline);
  expect(imageOf(set).equals(module.flash)).toBe(true);
});

test("reading gives what is there, in any range", async () => {
  const { rig, deadline, module } = simBench();
  const session = await openModule(rig, deadline);
  const part = await readFlash(session, 100, 5000, deadline);
  const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  expect(sha(part)).toBe(sha(module.flash.subarray(100, 5100)));
});

test.each([
  ["it drives no lines", { straps: undefined }],
  ["it cannot see the banner", { bootProof: ["none"] as const }],
])("a boot that the rig cannot observe is unproven and fails nothing: %s", async (_, rig) => {
  const bench = simBench({}, rig);
  await expect(proveBoot(bench.rig, { profile: "t01", version: "2.0.106" }, bench.deadline)).resolves.toMatchObject({
    proven: false,
  });
});

test("an application that prints nothing is a boot that was not seen", async () => {
  const { rig, deadline } = simBench({ appLog: false });
  await expect(proveBoot(rig, undefined, deadline)).rejects.toMatchObject({
    code: "BOOT_SILENT",
    message: expect.stringContaining("nothing was printed"),
  });
});

test("a firmware that boot2 refuses is the firmware's fault, with boot2's words", async () => {
  const { rig, deadline } = simBench();
  const set = syntheticSet("t01");
  await programModule(await openModule(rig, deadline), planFor(set), deadline);
  const spoilt = plainSet([{ section: "spoil", address: 0x40000, bytes: new Uint8Array(256) }], { erase: 1 });
  const session = await openModule(rig, deadline);
  await programModule(session, planFor(spoilt), deadline);
  await expect(proveBoot(rig, undefined, deadline)).rejects.toMatchObject({ code: "BOOT_REJECTED", blame: "firmware" });
});
