import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sha256 } from "../../harness/firmware/bytes.js";
import { keyHash, parseBootHeader } from "../../harness/firmware/header.js";
import { parseOta } from "../../harness/firmware/ota.js";
import { SYNTHETIC_KEY_HASH, syntheticBoot2, syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { writeSyntheticPackage } from "../../harness/firmware/synthetic-package.js";
import { scratch } from "../support/scratch.js";

const root = scratch();
let dir: string;
let binaries: string;

beforeAll(() => {
  dir = root.file("package");
  binaries = writeSyntheticPackage(dir);
});
afterAll(() => root[Symbol.dispose]());

const hashOf = (path: string): string => sha256(readFileSync(path)).toString("hex");

test("the package has the vendor's names and sizes", () => {
  const sizes = Object.fromEntries(
    readdirSync(binaries)
      .filter((name) => !name.endsWith(".ota"))
      .map((name) => [name, statSync(join(binaries, name)).size]),
  );
  expect(sizes).toEqual({
    "mfg_flash_prog_cfg.ini": 241,
    "mission_t01_flash_prog_cfg.ini": 329,
    "mission_t02_flash_prog_cfg.ini": 329,
    "partition.bin": 308,
    "st67w611m_boot2_v8.1.9.bin": 52544,
    "st67w611m_mfg_v2.0.106.bin": 517536,
    "st67w611m_mfg_v2.0.97.bin": 517312,
    "st67w611m_mission_t01_v2.0.106.bin": 1489024,
    "st67w611m_mission_t01_v2.0.97.bin": 1459456,
    "st67w611m_mission_t02_v2.0.106.bin": 1301888,
    "st67w611m_mission_t02_v2.0.97.bin": 1278208,
  });
  expect(statSync(join(dir, "LittleFS", "littlefs", "littlefs.bin")).size).toBe(446464);
});

test("the same bytes on every machine", () => {
  const pinned = {
    "partition.bin": "3893b11c48ee01669b1867743ca3297bb7e0511f4167c133095f8454c2313d72",
    "st67w611m_boot2_v8.1.9.bin": "cc53c706ef072bd3c760c4b6604112e55fcb366089fef1af954a804d1c3a56d5",
    "st67w611m_mission_t01_v2.0.106.bin": "5a225fb67f17c962e2f6123a318f4f7c92d45b586c2ae17a411d2a052bc6a22a",
    "st67w611m_mission_t01_v2.0.106.xz.ota": "27517dacc25485d01dd35be833cfb4a77bd3b01a225da00e90fc2f9a9ed718ae",
    "st67w611m_mfg_v2.0.97.bin.ota": "ebc14c0469c9cdfea9896a36b6ae69dc8570fddcae92d651719f330a680d6741",
    "../../LittleFS/littlefs/littlefs.bin": "da03f03fae41888a7195626297ca2bbf962a581e098d7197e85dcd3654104f51",
  };
  expect(Object.fromEntries(Object.keys(pinned).map((name) => [name, hashOf(join(binaries, name))]))).toEqual(pinned);
});

test("images compress as code does, and both containers hold the image", () => {
  for (const name of readdirSync(binaries).filter((each) => each.endsWith(".xz.ota"))) {
    const image = readFileSync(join(binaries, name.replace("xz.ota", "bin")));
    const { kind, payload, version } = parseOta(readFileSync(join(binaries, name)), name);
    expect({ name, kind, version: name.includes(`_v${version}.`) }).toEqual({ name, kind: "xz", version: true });
    expect(payload.length / image.length).toBeGreaterThan(0.55);
    expect(payload.length / image.length).toBeLessThan(0.62);
    const raw = parseOta(readFileSync(join(binaries, name.replace("xz.ota", "bin.ota"))), name);
    expect(Buffer.compare(raw.payload, image)).toBe(0);
  }
});

test("a complete package is left alone, a damaged one written anew, anything else refused", () => {
  const image = join(binaries, "st67w611m_boot2_v8.1.9.bin");
  const before = statSync(image).mtimeMs;
  expect(writeSyntheticPackage(dir)).toBe(binaries);
  expect(statSync(image).mtimeMs).toBe(before);
  const good = hashOf(image);
  unlinkSync(image);
  writeSyntheticPackage(dir);
  expect(hashOf(image)).toBe(good);
  expect(readdirSync(root.path)).toEqual(["package"]);
  writeFileSync(root.file("mine.txt"), "keep me");
  expect(() => writeSyntheticPackage(root.path)).toThrow(expect.objectContaining({ code: "USAGE" }));
  for (const path of ["mine.txt", "mine.txt/below"]) {
    expect(() => writeSyntheticPackage(root.file(path))).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
  }
  expect(readFileSync(root.file("mine.txt"), "utf8")).toBe("keep me");
});

test("a package of another seed with a file of somebody's own in it is refused, and stays", () => {
  const own = join(binaries, "notes.txt");
  writeFileSync(own, "keep me");
  expect(() => writeSyntheticPackage(dir, { seed: 7 })).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining("notes.txt") }),
  );
  expect(readFileSync(own, "utf8")).toBe("keep me");
  unlinkSync(own);
});

test("a link to where a package goes stays a link", () => {
  const place = mkdtempSync(root.file("place-"));
  symlinkSync("real", join(place, "link"));
  expect(writeSyntheticPackage(join(place, "link"))).toBe(join(place, "link", "Binaries", "NCP_Binaries"));
  expect(readlinkSync(join(place, "link"))).toBe("real");
  expect(readdirSync(place).sort()).toEqual(["link", "real"]);
});

test("one key for all, another seed another key", () => {
  const small = { profile: "t01", version: "2.0.106", bytes: 16384 } as const;
  const keyOf = (bytes: Uint8Array) => keyHash(parseBootHeader(bytes, "x.bin"));
  expect(keyOf(syntheticFirmware(small))).toBe(SYNTHETIC_KEY_HASH);
  expect(keyOf(syntheticBoot2())).toBe(SYNTHETIC_KEY_HASH);
  expect(keyOf(syntheticFirmware({ ...small, seed: 2 }))).toBe(keyOf(syntheticBoot2(2)));
  expect(keyOf(syntheticFirmware({ ...small, seed: 2 }))).not.toBe(SYNTHETIC_KEY_HASH);
});

test("an image too small for its texts is refused", () => {
  expect(() => syntheticFirmware({ profile: "t01", version: "2.0.106", bytes: 4096 })).toThrow(
    expect.objectContaining({ code: "USAGE" }),
  );
});
