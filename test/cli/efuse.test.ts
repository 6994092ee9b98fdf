import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { encodeEfuseFile } from "../../harness/firmware/efuse-file.js";
import { SYNTHETIC_KEY_HASH } from "../../harness/firmware/synthetic.js";
import { fuseMap, lockingFuses } from "../support/fuses.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

const CHIP_ID = "40827b037742";
const T01 = ["--profile", "t01", "--fw-version", "2.0.106"];
const BURN = ["--burn-efuse", "--chip-id", CHIP_ID];

/** A new unlocked module that keeps its state, on a rig that allows everything; and a file of fuses. */
function bench(fuses = encodeEfuseFile(lockingFuses())) {
  const folder = scratch();
  const state = folder.file("m.img");
  const file = folder.file("fuses.bin");
  writeFileSync(file, fuses);
  const rig = ["--set", `sim.state=${state}`, "--set", "sim.locked=false"];
  const allowed = ["--set", "allow.efuse=true", "--set", "allow.unlocked=true"];
  return { state, file, rig, allowed, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

test("without --burn-efuse it only shows what would change: no fuse is written, and no flash", async () => {
  using at = bench();
  for (const source of [[], T01]) {
    const { code, stdout, stderr } = await st67hil(["flash", ...source, "--efuse", at.file, ...at.rig, ...at.allowed]);
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(0, 5)).toEqual([
      `what fuses.bin would change in the fuses of module ${CHIP_ID}, for good:`,
      expect.stringMatching(/^ {2}field +before +after/),
      expect.stringMatching(new RegExp(`^ {2}key hash +empty +${SYNTHETIC_KEY_HASH}`)),
      expect.stringMatching(/^ {2}sign_cfg: signed images only +no +yes/),
      expect.stringMatching(/^ {2}sw_usage_0 +0x01821227 +0x018212A7/),
    ]);
    expect(stderr).toContain(`nothing was written; to burn these fuses, which cannot be undone: allow.efuse: true`);
    expect(stderr).toContain(`--burn-efuse --chip-id ${CHIP_ID}`);
    expect(existsSync(at.state)).toBe(false);
  }
});

test("files first, fuses last; then it boots, locked; and the same again sends nothing", async () => {
  using at = bench();
  const all = ["flash", ...T01, "--efuse", at.file, ...BURN, ...at.rig, ...at.allowed];
  const first = await st67hil([...all, "--json"]);
  expect(first.stderr).toContain(`FUSES WILL BE BURNED INTO MODULE ${CHIP_ID}: THIS CANNOT BE UNDONE`);
  expect(first.code).toBe(0);
  const document = JSON.parse(first.stdout);
  expect(document).toMatchObject({
    firmware: "t01@2.0.106",
    module: CHIP_ID,
    boot: { proven: true },
    efuse: {
      file: "fuses.bin",
      burned: true,
      writes: [{ address: 0, bytes: 128 }],
      unverified: [],
      changes: expect.arrayContaining([
        { field: "key hash", at: 0x1c, before: "empty", after: SYNTHETIC_KEY_HASH },
        { field: "sign_cfg: signed images only", at: 0x5c, before: "no", after: "yes" },
      ]),
    },
  });
  const stages: string[] = document.stages.map(({ stage }: { stage: string }) => stage);
  expect(stages.slice(-4)).toEqual(["verify littlefs", "fuses at 0x0, write 1 of 1", "read fuses back", "boot"]);

  const { stdout } = await st67hil(["chip", "info", "--json", ...at.rig]);
  expect(JSON.parse(stdout)).toMatchObject({ locked: true, fuses: { keyHash: SYNTHETIC_KEY_HASH } });

  const burned = readFileSync(at.state);
  const again = await st67hil(["flash", "--efuse", at.file, ...BURN, ...at.rig, ...at.allowed]);
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^fuses.bin changes nothing in the fuses of module 40827b037742: nothing to burn\n/),
  });
  expect(again.stderr).not.toContain("BURNED");
  expect(readFileSync(at.state).equals(burned)).toBe(true);
});

test("--dry-run says what would be sent, and opens nothing", async () => {
  using at = bench();
  const all = ["flash", ...T01, "--efuse", at.file, ...BURN, ...at.rig, ...at.allowed, "--dry-run"];
  const { code, stdout } = await st67hil(all);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nthen burn what fuses.bin sets, compared with a module without any fuse:\n/);
  const { stdout: json } = await st67hil([...all, "--json"]);
  expect(JSON.parse(json)).toMatchObject({
    steps: expect.anything(),
    efuse: { burned: false, writes: [{ address: 0 }] },
  });
  expect(existsSync(at.state)).toBe(false);
});

describe("each missing guard alone refuses: exit 2, and the module is untouched", () => {
  const efuse = ["allow.efuse=true", "allow.unlocked=true"].flatMap((field) => ["--set", field]);
  test.each([
    [
      "the rig file does not allow it",
      [...BURN, "--set", "allow.unlocked=true"],
      "sim: expected allow.efuse: true, got false",
    ],
    ["--burn-efuse", ["--chip-id", CHIP_ID, ...efuse], "--efuse: --burn-efuse is missing"],
    ["--chip-id", ["--burn-efuse", ...efuse], "--efuse: --chip-id is missing"],
    [
      "another module",
      ["--burn-efuse", "--chip-id", "40827b03d2dc", ...efuse],
      "expected the module 40827b03d2dc, found 40827b037742",
    ],
    ["no id at all", ["--burn-efuse", "--chip-id", "sim", ...efuse], '--chip-id: expected 12 hex digits, got "sim"'],
    [
      "the rig file names another module",
      [...BURN, ...efuse, "--set", "module.chipId=40827b03d2dc"],
      "expected the module 40827b037742, found 40827b03d2dc",
    ],
    ["allow.unlocked, with files", [...T01, ...BURN, "--set", "allow.efuse=true"], "is not locked"],
  ])("%s", async (_, args, told) => {
    using at = bench();
    const { code, stderr } = await st67hil(["flash", "--efuse", at.file, ...args, ...at.rig]);
    expect(code).toBe(2);
    expect(stderr).toContain(told);
    expect(existsSync(at.state)).toBe(false);
  });
});

describe("what cannot go well is refused: exit 2, and the module is untouched", () => {
  const other = "ab".repeat(32);
  test.each([
    ["a damaged file", new Uint8Array(4608).fill(1), [], /EFUSE_FILE_INVALID.*fuses.bin: at 0x4: expected 00, got 01/],
    ["a key that did not sign the files", fuseMap({ 92: 0x80 }, other), T01, /KEY_FOREIGN.*expected the key ab/],
    ["a lock without a key", fuseMap({ 92: 0x80 }), [], /PLAN_INVALID.*key hash at 0x1C: is empty/],
    ["the same, before any file is flashed", fuseMap({ 92: 0x80 }), T01, /PLAN_INVALID.*key hash at 0x1C: is empty/],
  ])("%s", async (_, fuses, source, told) => {
    using at = bench(fuses);
    const args = ["flash", ...source, "--efuse", at.file, ...BURN, ...at.rig, ...at.allowed];
    const { code, stderr } = await st67hil(args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(told) });
    expect(existsSync(at.state)).toBe(false);
  });

  test("half a consent without a file", async () => {
    const { code, stderr } = await st67hil(["flash", ...T01, "--burn-efuse"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--efuse is missing");
  });

  test("run knows nothing of fuses", async () => {
    const { code, stderr } = await st67hil(["run", "--burn-efuse"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Unknown argument");
  });
});
