import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { exchangesOf } from "../../harness/trace/conversation.js";
import { readTrace } from "../../harness/trace/read.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";
import { rigOver, SimProcess } from "../support/sim.js";

const commandsIn = (file: string): string[] =>
  exchangesOf(readTrace(file).records).flatMap((each) => ("name" in each ? [each.name] : []));

test("a flash of T01 is recorded whole, in less than 2 MB", async () => {
  using folder = scratch();
  const file = folder.file("t01.jsonl");
  const { code, stderr } = await st67hil(["flash", "--profile", "t01", "--fw-version", "2.0.106", "--trace", file]);
  expect({ code, stderr: stderr.includes("warning") }).toEqual({ code: 0, stderr: false });
  expect(statSync(file).size).toBeLessThan(2_000_000);
  const { header, records, isCut } = readTrace(file);
  expect({ ...header, isCut }).toMatchObject({ rig: "sim", simulated: true, side: "host", isCut: false });
  const stages = records.flatMap((each) => (each.type === "end" ? [`${each.what} ${each.name}`] : []));
  expect(stages.slice(0, 2)).toEqual(["stage enter-rom", "stage boot-info"]);
  expect(stages.at(-1)).toMatch(/^case flash t01@2\.0\.106/);
  const commands = commandsIn(file);
  expect(commands.filter((name) => name === "flashDecompressWrite").length).toBeGreaterThan(400);
  expect(exchangesOf(records).at(-1)).toMatchObject({ kind: "boot", start: "application" });
});

test.each([
  [["chip", "info"], "efuseRead"],
  [["chip", "enter"], "getBootInfo"],
  [["erase", "--start", "0xF000", "--length", "0x1000"], "flashErase"],
  [["doctor", "--active"], "getBootInfo"],
])("%j --trace", async (args, command) => {
  using folder = scratch();
  const file = folder.file("trace.jsonl");
  const { code } = await st67hil([...args, "--trace", file]);
  expect(code).toBe(0);
  expect(commandsIn(file)).toContain(command);
});

test("what is recorded is recorded where a command fails, too", async () => {
  using folder = scratch();
  const file = folder.file("trace.jsonl");
  const { code } = await st67hil(["chip", "info", "--set", "sim.wiring.txRx=open", "--trace", file]);
  expect(code).toBe(2);
  const { records, isCut } = readTrace(file);
  expect(isCut).toBe(false);
  const answers = exchangesOf(records).flatMap((each) => (each.kind === "burst" ? [each.answer.kind] : []));
  expect(answers).toEqual(["silence", "silence", "silence", "silence"]);
});

test.each([
  ["a folder", (path: string) => mkdirSync(path), "found a folder"],
  ["somebody's file", (path: string) => writeFileSync(path, "BFNP"), "there is a file already, which is no trace"],
  ["a missing folder", () => undefined, "its folder is missing"],
])("%s is refused before the rig is touched, and stays", async (what, make, message) => {
  using folder = scratch();
  make(folder.file("there"));
  const path = what === "a missing folder" ? folder.file("none/trace.jsonl") : folder.file("there");
  const state = folder.file("state.img");
  const { code, stderr } = await st67hil(["erase", "--whole-chip", "--set", `sim.state=${state}`, "--trace", path]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  expect(existsSync(state)).toBe(false);
  if (what === "somebody's file") expect(readFileSync(path, "utf8")).toBe("BFNP");
});

test("a trace is written over an earlier one, and over an empty file", async () => {
  using folder = scratch();
  const file = folder.file("trace.jsonl");
  writeFileSync(file, "");
  for (let time = 0; time < 2; time++) expect((await st67hil(["chip", "enter", "--trace", file])).code).toBe(0);
  expect(readFileSync(file, "utf8").match(/"type":"trace"/g)).toHaveLength(1);
});

test.each([
  [["read", "--out", "x.bin", "--trace", "x.bin"], "is also --trace"],
  [["chip", "info", "--set", "sim.state=x.bin", "--trace", "x.bin"], "is also sim.state"],
  [["sim", "--link", "port", "--trace", "port"], "is also --trace"],
  [["sim", "--link", "port", "--state", "x", "--trace", "x"], "is also sim.state"],
  [["flash", "--file", "x", "--address", "0", "--dry-run", "--trace", "y"], "--trace does not go with --dry-run"],
  [["doctor", "--trace", "y"], "--trace does not go without --active"],
])("%j: refused", async (args, message) => {
  using folder = scratch();
  const { code, stderr } = await st67hil(args, { cwd: folder.path });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
});

test("a disk that is full ends the trace, which is told once, and nothing else", async () => {
  const { code, stdout, stderr } = await st67hil(["chip", "enter", "--trace", "/dev/full"]);
  expect({ code, told: stderr.match(/warning: .*/g) }).toEqual({
    code: 0,
    told: ["warning: /dev/full: the trace ends here: ENOSPC: no space left on device"],
  });
  expect(stdout).toContain("is in its boot ROM");
});

test("both ends of a line record the same conversation", async () => {
  using folder = scratch();
  await using sim = await SimProcess.start(folder, ["--trace", folder.file("module.jsonl")]);
  const { code } = await st67hil(["chip", "info", "--rig", rigOver(folder), "--trace", folder.file("host.jsonl")]);
  expect(code).toBe(0);
  sim.signal("SIGTERM");
  await sim.ended();
  const [host, module] = ["host", "module"].map((end) => readTrace(folder.file(`${end}.jsonl`)));
  expect(module).toMatchObject({ header: { side: "module" }, isCut: false });
  const told = (trace: typeof host) =>
    exchangesOf(trace?.records ?? []).flatMap((each) =>
      each.kind === "command" || each.kind === "burst"
        ? [{ ...("name" in each && { name: each.name }), sent: each.sent, received: each.received, baud: each.baud }]
        : [],
    );
  expect(told(host).length).toBeGreaterThan(5);
  expect(told(module)).toEqual(told(host));
});
