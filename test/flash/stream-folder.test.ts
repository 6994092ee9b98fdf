import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "@jest/globals";
import { planOf } from "../../harness/flash/plan.js";
import { StreamFolder } from "../../harness/flash/stream-folder.js";
import { xzCompress } from "../../harness/native/xz.js";
import { plainSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";

const BYTES = Buffer.alloc(20_000, "compressible");
const STREAM = xzCompress(BYTES);
const SHA256 = createHash("sha256").update(BYTES).digest("hex");

function keptIn(folder: string, sha256 = SHA256, stream = STREAM): StreamFolder {
  const kept = new StreamFolder(folder);
  kept.add(sha256, stream);
  kept.keep();
  return kept;
}

test("what was kept is found by another process, whole, and without leftovers", async () => {
  using folder = scratch();
  keptIn(folder.file("out/xz"));
  expect(readdirSync(folder.file("out/xz"))).toEqual([`${SHA256}.xz`]);
  expect(await new StreamFolder(folder.file("out/xz")).find(SHA256, BYTES)).toEqual(Buffer.from(STREAM));
});

test("nothing is made where nothing was compressed", async () => {
  using folder = scratch();
  const kept = new StreamFolder(folder.file("out/xz"));
  expect(await kept.find(SHA256, BYTES)).toBeUndefined();
  kept.keep();
  expect(readdirSync(folder.path)).toEqual([]);
});

test.each([
  ["cut short", STREAM.subarray(0, -3)],
  ["of other bytes", xzCompress(Buffer.alloc(20_000, "other"))],
  ["larger than the bytes", Buffer.alloc(BYTES.length + 1)],
  ["empty", Buffer.alloc(0)],
])("an entry that is %s is not believed, and is written anew", async (_, entry) => {
  using folder = scratch();
  const kept = keptIn(folder.path, SHA256, entry);
  expect(await kept.find(SHA256, BYTES)).toBeUndefined();
  keptIn(folder.path);
  expect(await kept.find(SHA256, BYTES)).toEqual(Buffer.from(STREAM));
});

test("an entry or a folder that is a link, or that everybody may write, is neither read nor written", async () => {
  using folder = scratch();
  const [real, linked, open] = [folder.file("real"), folder.file("linked"), folder.file("open")];
  keptIn(real);
  symlinkSync(real, linked);
  expect(await new StreamFolder(linked).find(SHA256, BYTES)).toBeUndefined();
  keptIn(linked, "0".repeat(64));
  expect(readdirSync(real)).toEqual([`${SHA256}.xz`]);
  mkdirSync(open);
  symlinkSync(`${real}/${SHA256}.xz`, `${open}/${SHA256}.xz`);
  expect(await new StreamFolder(open).find(SHA256, BYTES)).toBeUndefined();
  chmodSync(open, 0o777);
  keptIn(open, "1".repeat(64));
  expect(readdirSync(open)).toEqual([`${SHA256}.xz`]);
});

test("where nothing can be written, nothing is kept, and nobody is told", () => {
  using folder = scratch();
  writeFileSync(folder.file("out"), "a file");
  for (const place of [folder.file("out/xz"), "/proc/xz"]) expect(() => keptIn(place)).not.toThrow();
  expect(readFileSync(folder.file("out"), "utf8")).toBe("a file");
});

test("the newest 64 stay, with all that is not ours", () => {
  using folder = scratch();
  const name = (index: number) => index.toString(16).padStart(64, "0");
  writeFileSync(folder.file("mine.xz"), "");
  writeFileSync(folder.file(".st67-hil-0123456789abcdef.tmp"), "of a process that was killed");
  for (let index = 0; index < 64; index++) {
    writeFileSync(folder.file(`${name(index)}.xz`), "");
    utimesSync(folder.file(`${name(index)}.xz`), index, index);
  }
  utimesSync(folder.file("mine.xz"), 0, 0);
  utimesSync(folder.file(".st67-hil-0123456789abcdef.tmp"), 0, 0);
  keptIn(folder.path);
  const left = readdirSync(folder.path);
  expect(left).toHaveLength(65);
  expect(left).toContain("mine.xz");
  for (const [index, stays] of [
    [0, false],
    [1, true],
    [63, true],
  ] as const)
    expect(existsSync(folder.file(`${name(index)}.xz`))).toBe(stays);
});

test("a plan takes its stream from there, and leaves there what it had to make", async () => {
  using folder = scratch();
  const bytes = Buffer.alloc(20_000, "of this test alone");
  const set = { ...plainSet([{ section: "data", address: 0x20000, bytes }]), findings: [] };
  const writeOf = (kept: StreamFolder) => {
    const write = planOf(set, { kept }).steps.find(({ op }) => op === "write");
    if (write?.op !== "write") throw new Error("it writes nothing");
    return write;
  };
  const first = new StreamFolder(folder.path);
  const write = writeOf(first);
  expect(readdirSync(folder.path)).toEqual([]);
  await write.ready();
  expect(write).toMatchObject({ mode: "xz", payload: Buffer.from(xzCompress(bytes)) });
  first.keep();
  const [name = ""] = readdirSync(folder.path);
  expect(await new StreamFolder(folder.path).find(name.slice(0, 64), bytes)).toEqual(Buffer.from(xzCompress(bytes)));
});
