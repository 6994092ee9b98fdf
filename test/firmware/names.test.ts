import { renameSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { chooseFirmwares } from "../../harness/cli/options/firmwares.js";
import { loadEfuseFile } from "../../harness/firmware/efuse-file.js";
import { inspect } from "../../harness/firmware/inspect.js";
import { lint } from "../../harness/firmware/lint/lint.js";
import { loadIni } from "../../harness/firmware/load-ini.js";
import { isForeign, properName } from "../../harness/firmware/names.js";
import { loadFirmware, openPackage } from "../../harness/firmware/package.js";
import { scratch } from "../support/scratch.js";
import { INI, rulesOf, T01 } from "./damage.js";
import { BOOT2, firmwareOf, iniOf, SmallPackage } from "./small-package.js";

const T01_INI = "mission_t01_flash_prog_cfg.ini";
const UPPER = T01.replace(/bin$/, "BIN");

test.each([
  `._${T01}`,
  `._${T01_INI}`,
  ".DS_Store",
  "Thumbs.db",
  "Desktop.ini",
  `${T01_INI}~`,
  `.${T01_INI}.swp`,
  `#${T01_INI}#`,
  `.#${T01_INI}`,
  `${T01}.bak`,
  `${T01_INI}.orig`,
  `${T01}:Zone.Identifier`,
])("%s is no part of a package: passed over, and told", (name) => {
  using pkg = new SmallPackage();
  const sound = lint(pkg.dir);
  pkg.write(name, Buffer.concat([Buffer.from("BFNP"), Buffer.from("00051607", "hex")]));
  expect(lint(pkg.dir)).toEqual({ ...sound, passedOver: [name] });
  const facts = inspect(pkg.dir);
  expect(facts).toMatchObject({ passedOver: [name] });
  expect(JSON.stringify(facts)).not.toContain('"damaged"');
  expect(openPackage(pkg.dir).firmwares).toHaveLength(4);
});

test("no file of a package is passed over, and what an ini names is judged whatever it is called", () => {
  using pkg = new SmallPackage();
  expect(pkg.names.filter((name) => isForeign(name.replace(/^.*\//, "")))).toEqual([]);
  pkg.write(T01_INI, iniOf("t01").replace(BOOT2, `._${BOOT2}`));
  pkg.write(`._${BOOT2}`, "noise");
  expect(rulesOf(lint(pkg.dir).findings)).toContain(`._${BOOT2} malformed`);
});

test("leavings are no second file that fits a pattern, and no file that a table of sums leaves out or lists", () => {
  using pkg = new SmallPackage();
  pkg.remove(`${T01}.ota`);
  pkg.write(INI, iniOf("t02").replace("./st67w611m_mission_t02_vxxx.bin", "./*_t02_v2.0.106.bin"));
  pkg.write("._st67w611m_mission_t02_v2.0.106.bin", "noise");
  expect(loadIni(pkg.path(INI)).files.some(({ image }) => image?.profile === "t02")).toBe(true);
  pkg.write("SUMS", `${"0".repeat(64)}  .DS_Store\n`);
  expect(lint(pkg.dir, { sums: pkg.path("SUMS") }).findings.map(({ file }) => file)).not.toContain(".DS_Store");
});

test("an image in other letters: lint names it, and so does whoever looks for its firmware", () => {
  using pkg = new SmallPackage();
  pkg.remove("st67w611m_mission_t01_v2.0.97.bin");
  renameSync(pkg.path(T01), pkg.path(UPPER));
  expect(lint(pkg.dir).findings).toContainEqual({
    severity: "error",
    file: UPPER,
    rule: "name",
    field: "file name",
    expected: T01,
    found: UPPER,
  });
  const told = `; names are case-sensitive here, and there is ${UPPER}`;
  const opened = openPackage(pkg.dir);
  expect(() => chooseFirmwares(opened, ["t01"], [])).toThrow(`no profile t01; there is t02, mfg${told}`);
  expect(() => loadFirmware(opened, "t01", "2.0.106")).toThrow(told);
});

test("an ini in other letters is not read, and not passed over in silence", () => {
  using pkg = new SmallPackage();
  renameSync(pkg.path(T01_INI), pkg.path(T01_INI.toUpperCase()));
  expect(rulesOf(lint(pkg.dir).findings)).toEqual([`${T01_INI.toUpperCase()} name`]);
  expect(() => chooseFirmwares(openPackage(pkg.dir), ["t01"], [])).toThrow(`there is ${T01_INI.toUpperCase()}`);
});

test("all of a package in other letters: there is no firmware in it, and why", () => {
  using pkg = new SmallPackage();
  for (const name of pkg.names.filter((name) => !name.startsWith(".")))
    renameSync(pkg.path(name), pkg.path(name.toUpperCase()));
  expect(() => openPackage(pkg.dir)).toThrow(
    /names are case-sensitive here, and there is .*ST67W611M_MISSION_T01_V2.0.106.BIN/,
  );
});

test("a file that an ini names in other letters than it has", () => {
  using pkg = new SmallPackage();
  renameSync(pkg.path(T01), pkg.path(UPPER));
  const there = `there is ${UPPER}: names are case-sensitive here`;
  expect(() => loadIni(pkg.path(T01_INI), { version: "2.0.106" })).toThrow(there);
  pkg.write(T01_INI, iniOf("t01").replace("vxxx", "v2.0.106"));
  expect(lint(pkg.path(T01_INI)).findings).toContainEqual(
    expect.objectContaining({ rule: "reference", found: `${UPPER}: names are case-sensitive here` }),
  );
  pkg.write(T01_INI, iniOf("t02").replaceAll("LittleFS/littlefs/", "littlefs/littlefs/"));
  expect(() => loadIni(pkg.path(T01_INI), { version: "2.0.106" })).toThrow(
    "there is LittleFS: names are case-sensitive",
  );
});

test("a file that is there in both letters is one of each", () => {
  using pkg = new SmallPackage();
  pkg.write(UPPER, firmwareOf("t01"));
  expect(rulesOf(lint(pkg.dir).findings)).toEqual([]);
  expect(properName(T01)).toBeUndefined();
  expect(properName("notes.BIN")).toBeUndefined();
});

test("fuses.BIN has its mask in fuses_mask.BIN; a mask in other letters is not left out in silence", () => {
  using folder = scratch();
  const fuses = new Uint8Array(16).fill(1);
  writeFileSync(folder.file("fuses.BIN"), fuses);
  expect(loadEfuseFile(folder.file("fuses.BIN")).mask[0]).toBe(0xff);
  writeFileSync(folder.file("fuses_mask.bin"), fuses);
  expect(() => loadEfuseFile(folder.file("fuses.BIN"))).toThrow("expected fuses_mask.BIN, got fuses_mask.bin");
  writeFileSync(folder.file("fuses_mask.BIN"), fuses);
  expect(loadEfuseFile(folder.file("fuses.BIN")).mask[0]).toBe(1);
});
