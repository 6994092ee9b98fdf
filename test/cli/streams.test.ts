import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { ReadStream } from "node:tty";
import { expect, test } from "@jest/globals";
import { openPty } from "../../harness/native/pty.js";
import { SAFE, socketRig, watchdogsGone } from "../support/socket-rig.js";

const PROGRAM = resolve("dist/harness/cli/main.js");
const FULL = "/dev/full";

/** Runs the program with the standard output or error, or both, on /dev/full. */
async function onFull(args: readonly string[], streams: readonly ("stdout" | "stderr")[]) {
  const full = openSync(FULL, "w");
  const stdio = (["stdout", "stderr"] as const).map((name) => (streams.includes(name) ? full : "pipe"));
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", ...stdio] });
  closeSync(full);
  let told = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    told += String(text);
  });
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, told };
}

test.each([[["chip", "info", "--json"]], [["list"]], [["--help"]]])(
  "%j and a full disk behind standard output: told once, exit 2",
  async (args) => {
    const { code, told } = await onFull(args, ["stdout"]);
    const lost = /FILE_UNWRITABLE \(config\): standard output: cannot be written: ENOSPC/g;
    expect({ code, lost: told.match(lost)?.length }).toEqual({ code: 2, lost: 1 });
  },
);

test("nothing can be told: the work goes on, and its exit code stands", async () => {
  await expect(onFull(["chip", "info"], ["stderr"])).resolves.toMatchObject({ code: 0 });
  await expect(onFull(["chip", "info", "--set", "sim.wiring.chipEn=open"], ["stderr"])).resolves.toMatchObject({
    code: 2,
  });
  await expect(onFull(["chip", "info"], ["stdout", "stderr"])).resolves.toMatchObject({ code: 2 });
});

test.each<[NodeJS.Signals | undefined, number]>([
  [undefined, 0],
  ["SIGHUP", 129],
])("a terminal that goes away in a flash, with %s: exit %i, and the lines are safe", async (signal, exit) => {
  await using bench = await socketRig();
  const { master, slave } = openPty();
  const flash = [PROGRAM, ...bench.flashing(0x1000).args, "--rig", bench.rig];
  const child = spawn(process.execPath, flash, { stdio: [slave, slave, slave] });
  closeSync(slave);
  const terminal = new ReadStream(master);
  terminal.on("error", () => undefined);
  terminal.once("data", () => {
    terminal.destroy();
    if (signal !== undefined) child.kill(signal);
  });
  await expect(new Promise((done) => child.on("close", (code, by) => done(code ?? by)))).resolves.toBe(exit);
  expect(await bench.levels()).toBe(SAFE);
  await watchdogsGone(bench.name);
});
