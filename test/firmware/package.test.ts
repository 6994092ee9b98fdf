import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { loadIni } from "../../harness/firmware/load-ini.js";
import { loadFirmware, openPackage } from "../../harness/firmware/package.js";
import { encodePartitionTable, ST_TABLE } from "../../harness/firmware/partition.js";
import { syntheticBoot2, syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { writeSyntheticPackage } from "../../harness/firmware/synthetic-package.js";
import { xzDecompress } from "../../harness/native/xz.js";
import golden from "../golden/vectors.json" with { type: "json" };
import { scratch } from "../support/scratch.js";

const root = scratch();
let binaries: string;
let count = 0;

beforeAll(() => {
  binaries = writeSyntheticPackage(root.file("synthetic"));
});
afterAll(() => root[Symbol.dispose]());

/** A folder of its own with small files: boot2, table, one firmware of 16 KiB for each version. */
function smallPackage(ini: string, versions: readonly string[] = ["2.0.106"], seed = 0): string {
  const dir = root.file(`small-${++count}`);
  mkdirSync(dir);
  writeFileSync(join(dir, "st67w611m_boot2_v8.1.9.bin"), syntheticBoot2());
  writeFileSync(join(dir, "partition.bin"), encodePartitionTable(ST_TABLE));
  writeFileSync(join(dir, "mission_t01_flash_prog_cfg.ini"), ini);
  for (const version of versions) {
    const image = syntheticFirmware({ profile: "t01", version, bytes: 16384, seed });
    writeFileSync(join(dir, `st67w611m_mission_t01_v${version}.bin`), image);
  }
  return dir;
}

const BOOT2 = "[boot2]\nfiledir = st67w611m_boot2_v8.1.9.bin\naddress = 0\n";
const TABLE = "[partition]\nfiledir = partition.bin\naddress = E000\n";
const firmware = (filedir: string) => `[FW]\nfiledir = ./${filedir}\naddress = @partition\n`;
const ini = (filedir = "st67w611m_mission_t01_vxxx.bin") => BOOT2 + TABLE + firmware(filedir);

function codeOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("nothing was thrown");
}

test("firmwares come by profile, then from old to new", () => {
  expect(openPackage(binaries).firmwares.map(({ profile, version }) => `${profile}@${version}`)).toEqual([
    "t01@2.0.97",
    "t01@2.0.106",
    "t02@2.0.97",
    "t02@2.0.106",
    "mfg@2.0.97",
    "mfg@2.0.106",
  ]);
});

test("a mission is written in the vendor's order, at its addresses, with its sizes", () => {
  const [vector] = golden.ini_resolution;
  const set = loadFirmware(openPackage(binaries), "t01", "2.0.106");
  const told = set.files.map(({ section, address, bytes }, index) => ({
    index,
    section,
    address: `0x${address.toString(16)}`,
    size: bytes.length,
  }));
  expect(told).toEqual(vector?.write_order.map(({ command: _, slot_size: __, ...rest }) => rest));
  expect(set).toMatchObject({
    label: "t01@2.0.106",
    erase: vector?.cfg.erase,
    skip: [],
    ini: "mission_t01_flash_prog_cfg.ini",
  });
  expect(set.files.map(({ slotBytes }) => slotBytes)).toEqual([0xe000, 0x1000, 1785856, 446464]);
  expect(set.files.map(({ image }) => image?.kind)).toEqual(["boot2", undefined, "firmware", undefined]);
  expect(set.findings).toEqual([]);
});

test("mfg erases only what it touches and has no file system", () => {
  const set = loadFirmware(openPackage(binaries), "mfg", "2.0.97");
  expect(set).toMatchObject({ erase: 1, label: "mfg@2.0.97", firmware: { profile: "mfg" } });
  expect(set.files.map(({ section }) => section)).toEqual(["boot2", "partition", "FW"]);
});

test("the vendor's own stream comes with the image", () => {
  const set = loadFirmware(openPackage(binaries), "mfg", "2.0.106");
  const file = set.files.find(({ section }) => section === "FW");
  const ota = readFileSync(join(binaries, "st67w611m_mfg_v2.0.106.xz.ota"));
  expect(Buffer.compare(file?.xz ?? Buffer.alloc(0), ota.subarray(512))).toBe(0);
  expect(Buffer.compare(xzDecompress(file?.xz ?? Buffer.alloc(0), 517536), set.firmware.bytes)).toBe(0);
});

test("a container that is none is not taken", () => {
  const dir = smallPackage(ini());
  const ota = join(dir, "st67w611m_mission_t01_v2.0.106.xz.ota");
  const xz = () => loadFirmware(openPackage(dir), "t01", "2.0.106").files.find(({ section }) => section === "FW")?.xz;
  writeFileSync(ota, "no container");
  expect(xz()).toBeUndefined();
});

test.each([
  ["a placeholder", "st67w611m_mission_t01_vxxx.bin"],
  ["a pattern", "st67w611m_mission_t01_v*.bin"],
  ["a direct name", "st67w611m_mission_t01_v2.0.106.bin"],
])("%s in the ini takes the version that was asked for", (_, filedir) => {
  const dir = smallPackage(ini(filedir), ["2.0.97", "2.0.106"]);
  const pkg = openPackage(dir);
  for (const version of ["2.0.97", "2.0.106"]) {
    const set = loadFirmware(pkg, "t01", version);
    expect(set.firmware.versionBlock?.version).toBe(version);
    expect(set.files[0]?.path).toBe(join(dir, "st67w611m_boot2_v8.1.9.bin"));
  }
});

test("an ini of its own for a version goes first", () => {
  const dir = smallPackage(ini(), ["2.0.89", "2.0.97"]);
  writeFileSync(join(dir, "mission_t01_flash_prog_cfg_v2.0.89.ini"), ini("st67w611m_mission_t01_v2.0.89.bin"));
  const pkg = openPackage(dir);
  expect(loadFirmware(pkg, "t01", "2.0.89").ini).toBe("mission_t01_flash_prog_cfg_v2.0.89.ini");
  expect(loadFirmware(pkg, "t01", "2.0.97").ini).toBe("mission_t01_flash_prog_cfg.ini");
});

test("an ini by itself: a pattern must fit exactly one file, a placeholder needs a version", () => {
  const one = smallPackage(ini("st67w611m_mission_t01_v*.bin"));
  expect(loadIni(join(one, "mission_t01_flash_prog_cfg.ini")).files[2]?.image?.versionBlock?.version).toBe("2.0.106");
  const two = smallPackage(ini("st67w611m_mission_t01_v*.bin"), ["2.0.97", "2.0.106"]);
  expect(codeOf(() => loadIni(join(two, "mission_t01_flash_prog_cfg.ini")))).toMatchObject({
    code: "FILE_UNREADABLE",
    message: expect.stringContaining("got st67w611m_mission_t01_v2.0.106.bin, st67w611m_mission_t01_v2.0.97.bin"),
  });
  const open = smallPackage(ini());
  expect(codeOf(() => loadIni(join(open, "mission_t01_flash_prog_cfg.ini"))).message).toContain("a version for _vxxx");
});

test("files are sought beside the real ini, not beside a link to it", () => {
  const dir = smallPackage(ini());
  const link = root.file("linked.ini");
  symlinkSync(join(dir, "mission_t01_flash_prog_cfg.ini"), link);
  expect(loadIni(link, { version: "2.0.106" }).files.map(({ path }) => path)).toContain(join(dir, "partition.bin"));
});

test("a missing file is told with the path that was looked for", () => {
  const alone = join(root.path, "alone", "Binaries", "NCP_Binaries");
  cpSync(binaries, alone, { recursive: true });
  expect(codeOf(() => loadFirmware(openPackage(alone), "t01", "2.0.106"))).toMatchObject({
    code: "FILE_UNREADABLE",
    message: expect.stringContaining(join(root.path, "alone", "LittleFS", "littlefs", "littlefs.bin")),
  });
});

test("what is not a package, or not in it", () => {
  expect(codeOf(() => openPackage(root.file("nowhere"))).code).toBe("FILE_UNREADABLE");
  expect(codeOf(() => openPackage(join(binaries, "partition.bin"))).code).toBe("FILE_UNREADABLE");
  expect(codeOf(() => openPackage(root.file("synthetic")))).toMatchObject({ code: "PACKAGE_INVALID" });
  expect(codeOf(() => loadFirmware(openPackage(binaries), "t01", "2.0.75"))).toMatchObject({
    code: "FIRMWARE_NOT_FOUND",
    message: expect.stringContaining("t01@2.0.97, t01@2.0.106, t02@2.0.97"),
  });
});

test("a firmware without a boot header is refused, its findings are not", () => {
  const dir = smallPackage(ini());
  const path = join(dir, "st67w611m_mission_t01_v2.0.106.bin");
  const image = readFileSync(path);
  image.writeUInt8(image.readUInt8(0x3000) ^ 1, 0x3000);
  writeFileSync(path, image);
  const findings = loadFirmware(openPackage(dir), "t01", "2.0.106").findings;
  expect(findings.map(({ file, rule }) => `${file} ${rule}`)).toEqual([
    "st67w611m_mission_t01_v2.0.106.bin body-hash",
    "st67w611m_mission_t01_v2.0.106.bin signature",
  ]);
  writeFileSync(path, "nothing of the kind");
  expect(codeOf(() => loadFirmware(openPackage(dir), "t01", "2.0.106")).code).toBe("IMAGE_INVALID");
});

test("boot2 and firmware must bear the same key", () => {
  const dir = smallPackage(ini(), ["2.0.106"], 1);
  const findings = loadFirmware(openPackage(dir), "t01", "2.0.106").findings;
  expect(findings.map(({ file, rule, field }) => [file, rule, field])).toEqual([
    ["st67w611m_mission_t01_v2.0.106.bin", "key", "publicKey"],
  ]);
});

test("a file is held to the version in its name", () => {
  const dir = smallPackage(ini());
  copyFileSync(join(dir, "st67w611m_mission_t01_v2.0.106.bin"), join(dir, "st67w611m_mission_t01_v2.0.97.bin"));
  const findings = loadFirmware(openPackage(dir), "t01", "2.0.97").findings;
  expect(findings.map(({ rule, expected, found }) => [rule, expected, found])).toEqual([
    ["version", "2.0.97", "2.0.106"],
  ]);
});

test.each([
  [
    "skipped ranges with a chip erase",
    `[cfg]\nerase = 2\nskip_mode = 0x3FF000, 0x1000\n${ini()}`,
    "erases the whole chip",
  ],
  ["two files at one address", `${BOOT2}[b]\nfiledir = partition.bin\naddress = 0\n`, "an address of its own"],
  [
    "a file that runs into the next",
    `${BOOT2}[b]\nfiledir = partition.bin\naddress = 1000\n`,
    "at most 4096 bytes before [b]",
  ],
  [
    "a file over its partition",
    `${TABLE}[PSM]\nfiledir = st67w611m_boot2_v8.1.9.bin\naddress = @partition\n`,
    "at most 32768 bytes",
  ],
  [
    "a file over the partition at its address",
    `${TABLE}[x]\nfiledir = st67w611m_boot2_v8.1.9.bin\naddress = 3FF000\n`,
    "at most 4096 bytes",
  ],
  [
    "a name that the table does not have",
    `${TABLE}[fw]\nfiledir = partition.bin\naddress = @partition\n`,
    "a partition named fw in the table, got Boot2, FW",
  ],
])("%s: refused", (_, text, message) => {
  const dir = smallPackage(text);
  expect(codeOf(() => loadIni(join(dir, "mission_t01_flash_prog_cfg.ini"), { version: "2.0.106" }))).toMatchObject({
    code: "PLAN_INVALID",
    message: expect.stringContaining(message),
  });
});

test("skipped ranges without a chip erase, and an older release's larger media partition", () => {
  const dir = smallPackage(`[cfg]\nerase = 1\nskip_mode = 0x11000, 0x1000\n${ini()}`);
  expect(loadFirmware(openPackage(dir), "t01", "2.0.106").skip).toEqual([{ address: 0x11000, bytes: 0x1000 }]);
  const media = ST_TABLE.entries.map((entry) =>
    entry.name === "media"
      ? { ...entry, slots: [{ address: 0x378000, bytes: 0x71000 }, entry.slots[1]] as const }
      : entry,
  );
  writeFileSync(join(dir, "littlefs.bin"), Buffer.alloc(0x71000, 0xff));
  writeFileSync(join(dir, "old.ini"), `${TABLE}[littlefs]\nfiledir = littlefs.bin\naddress = 0x378000\n`);
  expect(codeOf(() => loadIni(join(dir, "old.ini"))).message).toContain("at most 446464 bytes");
  writeFileSync(join(dir, "partition.bin"), encodePartitionTable({ ...ST_TABLE, entries: media }));
  expect(loadIni(join(dir, "old.ini")).files[1]?.slotBytes).toBe(0x71000);
});

test("a damaged table and a file that is no ini", () => {
  const dir = smallPackage(ini());
  expect(codeOf(() => loadIni(join(dir, "partition.bin"))).code).toBe("INI_INVALID");
  writeFileSync(join(dir, "partition.bin"), Buffer.alloc(308, 0xff));
  expect(codeOf(() => loadFirmware(openPackage(dir), "t01", "2.0.106")).code).toBe("PARTITION_INVALID");
});
