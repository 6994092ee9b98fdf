import { spawnSync } from "node:child_process";
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

/** Of coreutils. */
const MKFIFO = "mkfifo";
const LONG = "x".repeat(300);
const NEW_RIG = ["--name", "x", "--driver", "none", "--port", "/dev/ttyUSB0"];

/** `file`, a pipe, a rig file, the module's state and a link to it. */
function bench() {
  const folder = scratch();
  writeFileSync(folder.file("file"), "keep me");
  spawnSync(MKFIFO, [folder.file("pipe")]);
  cpSync("rigs/sim.yaml", folder.file("rig.yaml"));
  symlinkSync("m.img", folder.file("link"));
  mkdirSync(folder.file("package"));
  return folder;
}

const filesOf = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).map((entry) => [
    entry.name,
    entry.isFile() ? readFileSync(`${folder}/${entry.name}`, "utf8") : undefined,
  ]);

describe("what cannot be written is told before the rig is touched, with the system's reason", () => {
  test.each([
    [["run", "identify", "--out", "file"], "expected a folder, but .*/file is none .ENOTDIR."],
    [["run", "identify", "--out", LONG], "ENAMETOOLONG"],
    [["run", "identify", "--out", "/proc/none/run"], "ENOENT"],
    [["run", "identify", "--out", "new", "--junit", "file/below"], "ENOTDIR"],
    [["run", "identify", "--out", "new", "--junit", "pipe"], "found a pipe"],
    [["read", "--out", "package"], "found a folder"],
    [["read", "--out", "file"], "file: there is a file already, of 7 bytes"],
    [["chip", "info", "--set", "sim.state=none/m.img"], "its folder is missing"],
    [["flash", "--file", "file", "--address", "0x1000", "--set", "sim.state=file/below"], "ENOTDIR"],
    [["sim", "--link", "port", "--state", "pipe"], "found a pipe"],
    [["firmware", "synth", "file/below"], "ENOTDIR"],
    [["rig", "new", LONG, ...NEW_RIG], "ENAMETOOLONG"],
    [["rig", "install-units", "--user", "root", "--into", "file"], "ENOTDIR"],
  ])("%j", async (args, reason) => {
    using folder = bench();
    const before = filesOf(folder.path);
    const ended = await st67hil(args, { cwd: folder.path });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(`error FILE_UNWRITABLE .*${reason}`) });
    expect(ended.stderr).not.toContain("enter-rom");
    expect(filesOf(folder.path)).toEqual(before);
  });
});

describe("an output that is an input, or another output, is refused, and nothing is lost", () => {
  const state = ["--set", "sim.state=m.img"];
  test.each([
    [["read", "--out", "m.img", ...state], "--out m.img: is also sim.state"],
    [["read", "--out", "link", ...state], "--out link: is also sim.state"],
    [["read", "--out", "./rig.yaml", "--rig", "rig.yaml"], "is also --rig, which is read"],
    [["read", "--out", "file", "--set", "sim.contents=file"], "is also sim.contents, which is read"],
    [["sim", "--link", "m.img", "--state", "m.img"], "--link m.img: is also sim.state"],
    [["sim", "--link", "a", "--control", "./a"], "--link a: is also --control"],
    [["run", "identify", "--rig", "rig.yaml", "--out", "new", "--junit", "rig.yaml"], "is also --rig"],
    [["run", "identify", "--out", "new", "--junit", "new/events.jsonl"], "is also the run's journal"],
    [["run", "--scenarios", "*.ts", "--out", "new", "--junit", "own.ts"], "is also --scenarios"],
  ])("%j", async (args, told) => {
    using folder = bench();
    const scenario =
      'import { scenario } from "st67-hil"; export default scenario({ name: "own", run: async () => {} });';
    writeFileSync(folder.file("own.ts"), scenario);
    const before = filesOf(folder.path);
    const ended = await st67hil(args, { cwd: folder.path });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
    expect(ended.stderr).toContain("error USAGE");
    expect(filesOf(folder.path)).toEqual(before);
  });
});

test("a run leaves links, and devices, where its junit.xml goes; one within the firmware's folder is refused", async () => {
  using folder = bench();
  const run = (...args: string[]) => st67hil(["run", "identify", ...args], { cwd: folder.path });
  symlinkSync("elsewhere.xml", folder.file("junit.xml"));
  await expect(run("--out", "a", "--junit", "junit.xml")).resolves.toMatchObject({ code: 0 });
  expect(lstatSync(folder.file("junit.xml")).isSymbolicLink()).toBe(true);
  expect(readFileSync(folder.file("elsewhere.xml"), "utf8")).toContain("<testsuites");
  symlinkSync("/dev/null", folder.file("null"));
  await expect(run("--out", "b", "--junit", "null")).resolves.toMatchObject({ code: 0 });
  expect(lstatSync(folder.file("null")).isSymbolicLink()).toBe(true);
  const piped = await run("--out", "c", "--junit", "/dev/stdout");
  expect(piped).toMatchObject({ code: 0, stdout: expect.stringContaining("<testsuites") });
  await st67hil(["firmware", "synth", "fw"], { cwd: folder.path });
  const firmware = "fw/Binaries/NCP_Binaries";
  for (const more of [
    ["--out", `${firmware}/run`],
    ["--out", "d", "--junit", `${firmware}/partition.bin`],
  ]) {
    const refused = await run("--firmware", firmware, ...more);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("lies in the folder of --firmware") });
  }
});

test("a dump goes over another one only with --force, and into what holds nothing", async () => {
  using folder = bench();
  symlinkSync("file", folder.file("dump"));
  writeFileSync(folder.file("empty"), "");
  const read = (out: string, ...more: string[]) =>
    st67hil(["read", "--length", "16", "--out", out, ...more], { cwd: folder.path });
  expect(await read("dump")).toMatchObject({ code: 2, stderr: expect.stringContaining("write over it with --force") });
  expect(readFileSync(folder.file("file"), "utf8")).toBe("keep me");
  for (const args of [["dump", "--force"], ["empty"], ["/dev/null"]] as const)
    expect(await read(...(args as [string]))).toMatchObject({ code: 0 });
  expect(lstatSync(folder.file("file")).size).toBe(16);
});

test("a report that cannot be written again: told as that", async () => {
  using folder = bench();
  await st67hil(["run", "identify", "--out", folder.file("run")]);
  mkdirSync(folder.file("run2/junit.xml"), { recursive: true });
  cpSync(folder.file("run/events.jsonl"), folder.file("run2/events.jsonl"));
  const { code, stderr } = await st67hil(["report", folder.file("run2")]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/FILE_UNWRITABLE.*found a folder/) });
});
