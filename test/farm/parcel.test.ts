import {
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashOf } from "../../harness/farm/kept.js";
import { foldersOf, parseManifest } from "../../harness/farm/manifest.js";
import { parcelOf } from "../../harness/farm/parcel.js";
import { imageName, iniName } from "../../harness/firmware/names.js";
import { firmwareFolder, iniOf } from "../support/firmware-folder.js";
import { scratch } from "../support/scratch.js";

const IMAGE = imageName("t01", "2.0.106");
const INI = iniName("t01");
const LITTLEFS = "LittleFS/littlefs/littlefs.bin";
const NCP = "Binaries/NCP_Binaries";

const pathsOf = (dir: string): string[] => parseManifest(parcelOf(dir).manifest, "it").files.map(({ path }) => path);

test("the folder's own files and what its ini files name outside of it, sorted, without any place of this machine", () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  const parcel = parcelOf(dir);
  const manifest = parseManifest(parcel.manifest, "it");
  expect(manifest.folder).toBe(NCP);
  expect(manifest.files.map(({ path }) => path)).toEqual([
    ...["boot2.bin", INI, "partition.bin", IMAGE].sort().map((name) => `${NCP}/${name}`),
    LITTLEFS,
  ]);
  for (const { path, sha256, bytes } of manifest.files) {
    const content = readFileSync(parcel.files.get(sha256) ?? "");
    expect([hashOf(content), content.length]).toEqual([sha256, bytes]);
    expect(readFileSync(folder.file(path))).toEqual(content);
  }
  expect(parcel.id).toBe(hashOf(Buffer.from(parcel.manifest)));
  expect(parcel.manifest).not.toContain(folder.path);
});

test("the same contents have the same id elsewhere: made in another order, at another time, through a link", () => {
  using here = scratch();
  using there = scratch();
  const { id } = parcelOf(firmwareFolder(here.path));
  cpSync(here.path, there.file("deep/er"), { recursive: true });
  const dir = there.file(`deep/er/${NCP}`);
  const bytes = readFileSync(join(dir, IMAGE));
  rmSync(join(dir, IMAGE));
  writeFileSync(join(dir, IMAGE), bytes);
  utimesSync(join(dir, INI), 1, 1);
  symlinkSync(dir, there.file("link"));
  expect([parcelOf(dir).id, parcelOf(there.file("link")).id]).toEqual([id, id]);
  writeFileSync(join(dir, IMAGE), Buffer.concat([bytes, Buffer.of(0)]));
  expect(parcelOf(dir).id).not.toBe(id);
});

test("a folder that names nothing outside of it has its id whatever it is called", () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  writeFileSync(join(dir, INI), iniOf({ FW: `./${IMAGE}` }));
  renameSync(dir, folder.file("mine"));
  expect(parseManifest(parcelOf(folder.file("mine")).manifest, "it")).toMatchObject({ folder: "" });
});

test.each<[string, (dir: string) => void]>([
  ["left behind by a system or an editor", (dir) => writeFileSync(join(dir, "._x.bin"), "x")],
  ["somebody's own", (dir) => writeFileSync(join(dir, "key.pem"), "secret")],
  ["a folder", (dir) => mkdirSync(join(dir, "old.bin"))],
  ["a link to nothing", (dir) => symlinkSync("nothing", join(dir, "x.bin"))],
  [
    "larger than what is read",
    (dir) => {
      writeFileSync(join(dir, "dump.bin"), "");
      truncateSync(join(dir, "dump.bin"), 64 * 1024 * 1024 + 1);
    },
  ],
])("%s: not in it", (_, add) => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  const { id } = parcelOf(dir);
  add(dir);
  expect(parcelOf(dir).id).toBe(id);
});

test("a file that is missing is not in it, yet its name does not lead out of what is sent", () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  rmSync(folder.file("LittleFS"), { recursive: true });
  expect(parseManifest(parcelOf(dir).manifest, "it").folder).toBe(NCP);
  expect(pathsOf(dir)).not.toContain(LITTLEFS);
});

test("an image outside of the folder, with an open version or a pattern, comes with its containers", () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  mkdirSync(folder.file("images"));
  for (const end of ["bin", "bin.ota", "xz.ota"])
    linkSync(join(dir, IMAGE), folder.file(`images/${IMAGE.replace(/bin$/, end)}`));
  writeFileSync(folder.file("images/fs-7.bin"), "fs");
  writeFileSync(
    join(dir, INI),
    iniOf({ FW: "../../images/st67w611m_mission_t01_vxxx.bin", littlefs: "../../images/fs-*.bin" }),
  );
  const stem = `images/${IMAGE.replace(/bin$/, "")}`;
  expect(pathsOf(dir).filter((path) => path.startsWith("images"))).toEqual(
    ["images/fs-7.bin", `${stem}bin`, `${stem}bin.ota`, `${stem}xz.ota`].sort(),
  );
});

test("an ini that nobody can read names nothing, and is sent as it is", () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  writeFileSync(join(dir, iniName("mfg")), Buffer.of(0, 1, 2));
  expect(pathsOf(dir)).toContain(`${NCP}/${iniName("mfg")}`);
});

test.each<[string, (dir: string) => void, string]>([
  [
    "by its absolute path",
    (dir) => writeFileSync(join(dir, INI), iniOf({ FW: join(dir, IMAGE) })),
    `${INI}: expected a path from the ini file for [FW], got "/`,
  ],
  [
    "past the root",
    (dir) => writeFileSync(join(dir, INI), iniOf({ FW: `${"../".repeat(40)}x.bin` })),
    `${INI}: expected a path from the ini file for [FW], got "../`,
  ],
  [
    "from where a link leads",
    (dir) => {
      renameSync(join(dir, INI), join(dirname(dir), INI));
      symlinkSync(`../${INI}`, join(dir, INI));
    },
    `${INI}: expected an ini file that lies in the folder itself, got a link to /`,
  ],
])("an ini that names a file %s would mean another one elsewhere: refused", (_, change, message) => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  change(dir);
  expect(() => parcelOf(dir)).toThrow(expect.objectContaining({ code: "PACKAGE_INVALID" }));
  expect(() => parcelOf(dir)).toThrow(message);
});

test("too many files or bytes are refused before they are read, and so is what is no package", () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  for (let index = 0; index < 9; index++) {
    writeFileSync(join(dir, `${index}.bin`), "");
    truncateSync(join(dir, `${index}.bin`), 60 * 1024 * 1024);
  }
  expect(() => parcelOf(dir)).toThrow(/expected at most 4096 files with 536870912 bytes, got 14 with 56630\d+/);
  expect(() => parcelOf(folder.path)).toThrow(expect.objectContaining({ code: "PACKAGE_INVALID" }));
  expect(() => parcelOf(folder.file("none"))).toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
});

const FILE = { path: "a/b.bin", sha256: "0".repeat(64), bytes: 1 };
const many = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => ({ ...FILE, path: `f${index}`, bytes }));

test.each<[string, unknown]>([
  ["no object", 7],
  ["no files", { folder: "", files: [] }],
  ["an absolute path", { folder: "", files: [{ ...FILE, path: "/etc/passwd" }] }],
  ["a path upwards", { folder: "", files: [{ ...FILE, path: "a/../../b" }] }],
  ["a dot", { folder: "", files: [{ ...FILE, path: "./b" }] }],
  ["an empty part", { folder: "", files: [{ ...FILE, path: "a//b" }] }],
  ["a NUL", { folder: "", files: [{ ...FILE, path: "a\0b" }] }],
  ["half a character", { folder: "", files: [{ ...FILE, path: "a\ud800" }] }],
  ["a path twice", { folder: "", files: [FILE, FILE] }],
  ["a file as a folder", { folder: "", files: [FILE, { ...FILE, path: "a" }] }],
  ["a folder upwards", { folder: "..", files: [FILE] }],
  ["a folder without files", { folder: "b", files: [FILE] }],
  ["a folder that is a file", { folder: "a/b.bin", files: [FILE] }],
  ["no hash", { folder: "", files: [{ ...FILE, sha256: "../x" }] }],
  ["a size below nothing", { folder: "", files: [{ ...FILE, bytes: -1 }] }],
  ["a file too large", { folder: "", files: [{ ...FILE, bytes: 64 * 1024 * 1024 + 1 }] }],
  ["too many bytes", { folder: "", files: many(9, 60 * 1024 * 1024) }],
  ["too many files", { folder: "", files: many(4097, 1) }],
  ["a name too long", { folder: "", files: [{ ...FILE, path: "x".repeat(256) }] }],
  ["too deep", { folder: "", files: [{ ...FILE, path: `${"a/".repeat(40)}b` }] }],
  ["more than is known", { folder: "", files: [FILE], run: "rm" }],
])("a manifest with %s is none", (_, value) => {
  expect(() => parseManifest(JSON.stringify(value), "x")).toThrow(
    expect.objectContaining({ code: "PACKAGE_INVALID", message: expect.stringMatching(/^x: expected the manifest/) }),
  );
});

const part = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("a", "b", "c", "é", "d ") },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom("..", ".", "", "\0", "\ud800"), fc.string()) },
);
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const hash = fc.constantFrom(FILE.sha256, "f".repeat(64));
const file = fc.record({ path, sha256: hash, bytes: fc.nat(10) });
const manifests = fc.oneof(
  fc
    .record({ folder: fc.oneof(fc.constant(""), path), files: fc.array(file, { maxLength: 4 }) })
    .map((value) => JSON.stringify(value)),
  fc.json(),
  fc.string(),
);

test("whatever comes is refused as PACKAGE_INVALID, or all of its paths stay within", () => {
  let taken = 0;
  fc.assert(
    fc.property(manifests, (text) => {
      try {
        const { folder, files } = parseManifest(text, "x");
        taken++;
        const paths = [folder, ...files.map((each) => each.path), ...foldersOf(files.map((each) => each.path))];
        for (const each of paths) expect(join("/cache/id/files", each)).toMatch(/^\/cache\/id\/files(\/|$)/);
      } catch (error) {
        expect(error).toMatchObject({ code: "PACKAGE_INVALID" });
      }
    }),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(100);
});

const name = fc.stringMatching(/^[a-cé -]{1,5}$/).filter((one) => one.trim() === one);
const outside = fc.dictionary(
  fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `${names.join("/")}.img`),
  fc.uint8Array(),
  { minKeys: 1, maxKeys: 6 },
);

test("whatever an ini names, wherever it lies, is in it, and has the same id from another place", () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.file("first"));
  let number = 0;
  fc.assert(
    fc.property(outside, fc.nat(2), (contents, ups) => {
      const ids = ["x", "y/z"].map((place) => {
        const root = folder.file(`${++number}/${place}`);
        const here = join(root, NCP);
        cpSync(dir, here, { recursive: true });
        const sections = Object.entries(contents).map(([path, bytes], index) => {
          const filedir = `${"../".repeat(ups)}${path}`;
          mkdirSync(dirname(join(here, filedir)), { recursive: true });
          writeFileSync(join(here, filedir), bytes);
          return [`s${index}`, filedir] as const;
        });
        writeFileSync(join(here, INI), iniOf(Object.fromEntries(sections)));
        const { id, files } = parcelOf(here);
        for (const bytes of Object.values(contents)) expect(files.has(hashOf(bytes))).toBe(true);
        return id;
      });
      expect(ids[0]).toBe(ids[1]);
    }),
    { numRuns: 30 },
  );
});
