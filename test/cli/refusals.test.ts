import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { writeSyntheticPackage } from "../../harness/firmware/synthetic-package.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { syntheticSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";

const FIRMWARE = "st67w611m_mission_t01_v2.0.106.bin";
const T01 = ["--profile", "t01", "--fw-version", "2.0.106"];

/** A copy of the synthetic package with something done to it. @returns its NCP_Binaries folder. */
function damaged(folder: string, damage: (ncp: string) => void): string {
  const [source] = syntheticSet("t01").files;
  cpSync(join(source?.path ?? "", "../../.."), folder, { recursive: true });
  const ncp = join(folder, "Binaries", "NCP_Binaries");
  damage(ncp);
  return ncp;
}

const patch = (name: string, at: number) => (ncp: string) => {
  const file = join(ncp, name);
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  writeFileSync(file, bytes);
};

describe("an image that is wrong: refused by flash with the module untouched, reported by lint", () => {
  test.each<[string, (ncp: string) => void, string[], string]>([
    ["a flipped byte of the body", patch(FIRMWARE, 0x20000), T01, "bodySha256"],
    ["a wrong CRC of the header", patch(FIRMWARE, 0xfc), T01, "header-crc"],
    [
      "a wrong version in the name",
      (ncp) => renameSync(join(ncp, FIRMWARE), join(ncp, FIRMWARE.replace("106", "107"))),
      ["--profile", "t01", "--fw-version", "2.0.107"],
      "expected 2.0.107, found 2.0.106",
    ],
    [
      "an image that is larger than its partition",
      (ncp) =>
        writeFileSync(join(ncp, FIRMWARE), Buffer.concat([readFileSync(join(ncp, FIRMWARE)), Buffer.alloc(0x60000)])),
      T01,
      "1785856",
    ],
  ])("%s", async (_, damage, choice, told) => {
    using folder = scratch();
    const ncp = damaged(folder.file("package"), damage);
    const state = folder.file("m.img");
    const flash = await st67hil(["flash", "--firmware", ncp, ...choice, "--set", `sim.state=${state}`]);
    expect(flash.code).toBe(2);
    expect(flash.stderr).toContain(told);
    expect(flash.stderr).not.toContain("enter-rom");
    expect(existsSync(state)).toBe(false);
    const lint = await st67hil(["firmware", "lint", ncp]);
    expect({ code: lint.code, told: lint.stdout.includes(told) }).toEqual({ code: 1, told: true });
  });
});

describe("an image that is right and not for this module", () => {
  test("a module that is not locked", async () => {
    using folder = scratch();
    const state = folder.file("m.img");
    const { code, stderr } = await st67hil([
      "flash",
      ...T01,
      "--set",
      `sim.state=${state}`,
      "--set",
      "sim.locked=false",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain("MODULE_UNLOCKED (config)");
    expect(existsSync(state)).toBe(false);
  });

  test("a key that is not the module's", async () => {
    using folder = scratch();
    const state = ["--set", `sim.state=${folder.file("m.img")}`];
    await st67hil(["flash", ...T01, ...state]);
    const before = readFileSync(folder.file("m.img"));
    const foreign = writeSyntheticPackage(folder.file("foreign"), { seed: 1 });
    const { code, stderr } = await st67hil(["flash", "--firmware", foreign, ...T01, ...state]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /KEY_FOREIGN \(config\).*expected the key [0-9a-f]{64} of sim: module 40827b037742, found [0-9a-f]{64}/,
    );
    expect(readFileSync(folder.file("m.img")).equals(before)).toBe(true);
  });

  test("--raw writes it all the same, and boot2 refuses it", async () => {
    using folder = scratch();
    const ncp = damaged(folder.file("package"), patch(FIRMWARE, 0x20000));
    const { code, stderr } = await st67hil([
      "flash",
      "--firmware",
      ncp,
      ...T01,
      "--raw",
      "--set",
      `sim.state=${folder.file("m.img")}`,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/BOOT_REJECTED \(firmware\)/);
  });
});

describe("config files of the wrong kind are refused before the port is opened", () => {
  let folder: ReturnType<typeof scratch>;
  beforeAll(() => {
    folder = scratch();
    writeFileSync(folder.file("firmware.bin"), Buffer.from("4246 4e50 0100 0000 00ff".replaceAll(" ", ""), "hex"));
    writeFileSync(folder.file("key.ini"), "[cfg]\nerase = 1\nspeed = 9600\n");
    writeFileSync(
      folder.file("lost.ini"),
      "[cfg]\r\nerase = 1\r\n[FW]\r\nfiledir = ./lost.bin\r\naddress = 0x10000\r\n",
    );
    writeFileSync(folder.file("data.bin"), "data");
    writeFileSync(
      folder.file("good.ini"),
      "\ufeff[cfg]\r\nerase = 1\r\n[data]\r\nfiledir = ./data.bin\r\naddress = 0x300000\r\n",
    );
  });
  afterAll(() => folder[Symbol.dispose]());

  test.each([
    ["firmware.bin", "expected an ini file"],
    ["key.ini", "speed"],
    ["lost.ini", "lost.bin"],
    ["missing.ini", "missing.ini"],
  ])("%s", async (name, told) => {
    const { code, stderr } = await st67hil(["flash", "--config", folder.file(name)]);
    expect(code).toBe(2);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain("enter-rom");
  });

  test("CRLF and a byte order mark are no mistakes", async () => {
    await expect(st67hil(["flash", "--config", folder.file("good.ini")])).resolves.toMatchObject({ code: 0 });
  });
});
