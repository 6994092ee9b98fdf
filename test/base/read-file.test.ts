import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { readIfThere, readPlainFile } from "../../harness/base/read-file.js";
import { loadEfuseFile } from "../../harness/firmware/efuse-file.js";
import { inspect } from "../../harness/firmware/inspect.js";
import { lint } from "../../harness/firmware/lint/lint.js";
import { loadIni } from "../../harness/firmware/load-ini.js";
import { loadScenario } from "../../harness/run/load.js";
import { loadRig } from "../../rigs/file/load.js";
import { simBench } from "../support/bench.js";
import { eventsIn } from "../support/journal.js";
import { makePipe } from "../support/pipe.js";
import { scratch } from "../support/scratch.js";

/** So large and no larger on disk than nothing. */
function hole(path: string, bytes: number): string {
  writeFileSync(path, "");
  truncateSync(path, bytes);
  return path;
}

test("a file, and a link to one", () => {
  using folder = scratch();
  writeFileSync(folder.file("a"), "abc");
  symlinkSync(folder.file("a"), folder.file("link"));
  expect(readPlainFile(folder.file("a"), "a file").toString()).toBe("abc");
  expect(readPlainFile(folder.file("link"), "a file").toString()).toBe("abc");
  expect(readPlainFile("/proc/self/stat", "a file").toString()).toContain(`${process.pid}`);
  expect(readIfThere(folder.file("b"), "a file")).toBeUndefined();
});

test("whatever is no file is refused by name, at once", async () => {
  using folder = scratch();
  const server = createServer().listen(folder.file("socket"));
  await new Promise((done) => server.on("listening", done));
  mkdirSync(folder.file("folder"));
  for (const [path, found] of [
    [makePipe(folder.file("pipe")), "a pipe"],
    [folder.file("socket"), "a socket"],
    [folder.file("folder"), "a folder"],
    ["/dev/zero", "a device"],
    [folder.file("none"), "ENOENT"],
    ["a\0b", "null bytes"],
  ] as const) {
    const error = { code: "FILE_UNREADABLE", message: expect.stringContaining(`${path}: expected a list, got `) };
    expect(() => readPlainFile(path, "a list")).toThrow(expect.objectContaining(error));
    expect(() => readPlainFile(path, "a list")).toThrow(found);
  }
  server.close();
});

test("a file that is too large is refused with its size, and not read", () => {
  using folder = scratch();
  const path = hole(folder.file("huge"), 50_000_000_000);
  expect(() => readPlainFile(path, "a list")).toThrow("got 50000000000 bytes: more than the 67108864 that are read");
});

describe("a pipe is refused wherever a file is named", () => {
  const ini = "[data]\nfiledir = ./data.bin\naddress = 0x300000\n";
  test.each<[string, (path: string, file: (name: string) => string) => unknown]>([
    ["--config", (path) => loadIni(path)],
    [
      "a file that an ini names",
      (path, file) => {
        writeFileSync(file("a.ini"), ini.replace("./data.bin", path));
        return loadIni(file("a.ini"));
      },
    ],
    ["--efuse", (path) => loadEfuseFile(path)],
    [
      "the mask of --efuse",
      (path, file) => {
        writeFileSync(file("p.bin"), new Uint8Array(16));
        renameSync(path, file("p_mask.bin"));
        return loadEfuseFile(file("p.bin"));
      },
    ],
    ["firmware inspect", (path) => inspect(path)],
    ["firmware lint", (path) => lint(path)],
    ["sim.state", (path) => simBench({ state: path })],
    ["sim.contents", (path) => simBench({ contents: path })],
    ["a rig file", (path) => loadRig(path)],
    ["events.jsonl", (path) => eventsIn(path)],
  ])("%s", (_, read) => {
    using folder = scratch();
    expect(() => read(makePipe(folder.file("p")), folder.file)).toThrow("got a pipe");
  });

  test("a scenario file that is a link to a pipe", async () => {
    using folder = scratch();
    symlinkSync(makePipe(folder.file("p")), folder.file("a.ts"));
    await expect(loadScenario(folder.file("a.ts"))).rejects.toThrow("a.ts: expected a scenario file, got a pipe");
  });
});
