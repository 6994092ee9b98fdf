import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "@jest/globals";
import { refuseUnwritable, writeNew, writePieces, writeWhole } from "../../harness/base/files.js";
import { makeFolder, refuseUnwritableFolder } from "../../harness/base/folders.js";
import { scratch } from "../support/scratch.js";

/** Of coreutils. */
const MKFIFO = "mkfifo";

const unwritable = (message: string) =>
  expect.objectContaining({ code: "FILE_UNWRITABLE", message: expect.stringContaining(message) });

test("a new file and one that is there: whole, with the mode that it had, and nothing beside it", () => {
  using folder = scratch();
  const file = folder.file("dump");
  writeWhole(file, "old");
  chmodSync(file, 0o640);
  refuseUnwritable(file);
  writeWhole(file, Uint8Array.of(1, 2));
  expect([...readFileSync(file)]).toEqual([1, 2]);
  expect(statSync(file).mode & 0o7777).toBe(0o640);
  expect(readdirSync(folder.path)).toEqual(["dump"]);
});

test("pieces are one file; where one cannot be had, the old file stays, and nothing is beside it", () => {
  using folder = scratch();
  const file = folder.file("report");
  writePieces(file, ["a", Uint8Array.of(0x62), "ä"]);
  const pieces = function* () {
    yield "c";
    throw new RangeError("no more");
  };
  expect(() => writePieces(file, pieces())).toThrow(RangeError);
  expect(() => writePieces(folder.file("none/report"), pieces())).toThrow(unwritable("its folder is missing"));
  expect(readFileSync(file, "utf8")).toBe("abä");
  expect(readdirSync(folder.path)).toEqual(["report"]);
});

test("a name as long as names may be", () => {
  using folder = scratch();
  writeWhole(folder.file("x".repeat(255)), "");
  expect(() => refuseUnwritable(folder.file("x".repeat(256)))).toThrow(unwritable("ENAMETOOLONG"));
});

test("a link stays, and its end is replaced; one to nothing gets an end, also by way of another one", () => {
  using folder = scratch();
  mkdirSync(folder.file("real"));
  writeFileSync(folder.file("real/file"), "old");
  symlinkSync("real/file", folder.file("link"));
  symlinkSync("real/none", folder.file("dangling"));
  symlinkSync("dangling", folder.file("far"));
  for (const name of ["link", "far"]) {
    refuseUnwritable(folder.file(name));
    writeWhole(folder.file(name), "new");
  }
  expect(readFileSync(folder.file("real/file"), "utf8")).toBe("new");
  expect(readFileSync(folder.file("real/none"), "utf8")).toBe("new");
  expect([readlinkSync(folder.file("link")), readlinkSync(folder.file("far"))]).toEqual(["real/file", "dangling"]);
  expect(readdirSync(folder.file("real"))).toEqual(["file", "none"]);
});

test("a character device is written into, and stays one", () => {
  using folder = scratch();
  symlinkSync("/dev/null", folder.file("null"));
  for (const path of ["/dev/null", folder.file("null")]) {
    refuseUnwritable(path);
    writeWhole(path, "text");
  }
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  expect(() => writeWhole("/dev/full", "text")).toThrow(unwritable("/dev/full: cannot be written: ENOSPC"));
});

test.each<[string, (path: string) => void, string]>([
  ["a pipe that nobody reads", (path) => spawnSync(MKFIFO, [path]), "found a pipe (FIFO)"],
  ["a folder", (path) => mkdirSync(path), "found a folder"],
  ["a link to itself", (path) => symlinkSync("it", path), "ELOOP"],
  ["a link into a folder that is missing", (path) => symlinkSync("none/file", path), "its folder is missing: ENOENT"],
])("%s is refused before and after, at once, and stays", (_, make, message) => {
  using folder = scratch();
  const path = folder.file("it");
  make(path);
  const { ino } = lstatSync(path);
  expect(() => refuseUnwritable(path)).toThrow(unwritable(message));
  expect(() => writeWhole(path, "text")).toThrow(unwritable(message));
  expect(lstatSync(path).ino).toBe(ino);
  expect(readdirSync(folder.path)).toEqual(["it"]);
});

test.each([
  ["file/below", "ENOTDIR"],
  ["none/below", "its folder is missing: ENOENT"],
  ["none/", "found the name of a folder"],
])("%s cannot be written: %s", (name, message) => {
  using folder = scratch();
  writeFileSync(folder.file("file"), "");
  expect(() => refuseUnwritable(folder.file(name))).toThrow(unwritable(message));
  expect(() => writeWhole(folder.file(name), "text")).toThrow(unwritable(message));
});

test("a place where no file can be made, and no name", () => {
  expect(() => refuseUnwritable("/proc/file")).toThrow(unwritable("/proc/file: "));
  expect(() => refuseUnwritable("")).toThrow(unwritable("found the name of a folder"));
});

test("a new file is never over anything, not even a link to nothing", () => {
  using folder = scratch();
  symlinkSync("none", folder.file("link"));
  expect(() => writeNew(folder.file("link"), "text")).toThrow(unwritable("EEXIST"));
  expect(existsSync(folder.file("none"))).toBe(false);
});

test("folders are made as deep as needed; one below a file, and one that the system refuses, are told and make nothing hang", () => {
  using folder = scratch();
  refuseUnwritableFolder(folder.file("a/b/c"));
  expect(readdirSync(folder.path)).toEqual([]);
  makeFolder(folder.file("a/b/c"));
  makeFolder(folder.file("a/b/c"));
  writeFileSync(folder.file("a/file"), "");
  for (const path of ["a/file", "a/file/x", "a/file/x/y"].map(folder.file)) {
    expect(() => refuseUnwritableFolder(path)).toThrow(unwritable("ENOTDIR"));
    expect(() => makeFolder(path)).toThrow(unwritable("ENOTDIR"));
  }
  expect(() => makeFolder(folder.file("x".repeat(300)))).toThrow(unwritable("ENAMETOOLONG"));
  expect(() => refuseUnwritableFolder(folder.file("x".repeat(300)))).toThrow(unwritable("ENAMETOOLONG"));
  expect(() => makeFolder("/proc/none/deeper")).toThrow(unwritable("ENOENT"));
});
