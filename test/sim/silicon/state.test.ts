import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Scratch, scratch } from "../../support/scratch.js";
import { Host } from "../host.js";

let folder: Scratch;
let state: string;
beforeEach(() => {
  folder = scratch();
  state = folder.file("module.bin");
});
afterEach(() => folder[Symbol.dispose]());

const WRITE = "319c140010000000000102030405060708090a0b0c0d0e0f";
const MIB4 = 4 * 1024 * 1024;

async function written(options: object = {}): Promise<Host> {
  const host = await Host.inSession({ state, contents: "blank", ...options });
  await host.expect(WRITE, "4f4b");
  host.module.save();
  return host;
}

test("what changed nothing writes nothing", async () => {
  const host = await Host.inSession({ state });
  await host.expect("36000000", "4f4b0400c4601600");
  await host.strap(false);
  await host.clock.sleep(1000);
  host.module.save();
  expect(existsSync(state)).toBe(false);
});

test("the file starts with the flash's bytes; a module made from it goes on where the other stopped", async () => {
  const first = await written({ chipId: "40827b03d2dc" });
  expect(readFileSync(state).subarray(0, MIB4).equals(first.module.flash)).toBe(true);
  const second = await Host.inSession({ state });
  for (let twice = 0; twice < 2; twice++) {
    await second.expect("10000000", "4f4b1c000200160601000100a7128201dcd2037b82401c008f758090e8805be3");
  }
  await second.expect("322808001000000010000000", "4f4b1000000102030405060708090a0b0c0d0e0f");
  const before = readFileSync(state);
  second.module.save();
  expect(readFileSync(state).equals(before)).toBe(true);
  expect(readdirSync(folder.path)).toEqual(["module.bin"]);
});

test("equal modules are equal files, more wear is another", async () => {
  await written();
  const first = readFileSync(state);
  rmSync(state);
  await written();
  expect(readFileSync(state).equals(first)).toBe(true);
  await written();
  expect(readFileSync(state).equals(first)).toBe(false);
});

test.each<[string, (file: Buffer) => Buffer]>([
  ["cut short", (file) => file.subarray(0, -1)],
  ["the flash alone", (file) => file.subarray(0, MIB4)],
  ["another kind of file", (file) => Buffer.concat([file.subarray(0, MIB4), Buffer.alloc(file.length - MIB4)])],
  ["a flipped bit", (file) => Buffer.from(file).fill((file[77] ?? 0) ^ 1, 77, 78)],
  ["empty", () => Buffer.alloc(0)],
])("refused: %s", async (_, damage) => {
  await written();
  writeFileSync(state, damage(readFileSync(state)));
  expect(() => new Host({ state })).toThrow(expect.objectContaining({ code: "SIM_STATE_INVALID" }));
});

test("a state of another flash is refused", async () => {
  await written();
  expect(() => new Host({ state, jedec: "c46015" })).toThrow(expect.objectContaining({ code: "SIM_STATE_INVALID" }));
});

test("a folder that is not there, and a folder instead of a file", async () => {
  const host = await Host.inSession({ state: folder.file("none/x"), contents: "blank" });
  await host.expect(WRITE, "4f4b");
  expect(() => host.module.save()).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
  expect(() => new Host({ state: folder.path })).toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
});

test("contents from a file: padded with FF, too large or missing is refused", () => {
  const file = folder.file("dump.bin");
  writeFileSync(file, Uint8Array.of(1, 2, 3));
  expect([...new Host({ contents: file }).module.flash.subarray(0, 5)]).toEqual([1, 2, 3, 0xff, 0xff]);
  writeFileSync(file, new Uint8Array(MIB4 + 1));
  expect(() => new Host({ contents: file })).toThrow(expect.objectContaining({ code: "RIG_INVALID" }));
  expect(() => new Host({ contents: folder.file("none") })).toThrow(
    expect.objectContaining({ code: "FILE_UNREADABLE" }),
  );
});
