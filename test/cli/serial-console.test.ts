import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { resolve } from "node:path";
import { ReadStream } from "node:tty";
import { expect, test } from "@jest/globals";
import { openPty } from "../../harness/native/pty.js";
import { scratch } from "../support/scratch.js";

const PROGRAM = resolve("dist/harness/cli/main.js");
/** A spinner that clears endlessly many lines would write megabytes. */
const MOST = 50_000;

/** Runs the program on a terminal that does not know its size, as the login over a Pi's UART does not: 0 columns. */
async function onConsole(args: readonly string[], cwd: string): Promise<{ code: number | null; shown: string }> {
  const { master, slave } = openPty();
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: ["ignore", slave, slave] });
  closeSync(slave);
  const terminal = new ReadStream(master);
  const ended = new Promise<number | null>((done) => child.on("close", done));
  // The terminal's end is an error: nobody has its other side open any more.
  const drained = new Promise<void>((done) => terminal.on("error", () => undefined).on("close", () => done()));
  let shown = "";
  terminal.setEncoding("utf8").on("data", (text) => {
    shown += String(text);
    if (shown.length > MOST) child.kill("SIGKILL");
  });
  await drained;
  return { code: await ended, shown };
}

test("a flash on a terminal without a width tells its stages and ends", async () => {
  using folder = scratch();
  const { code, shown } = await onConsole(["flash", "--profile", "t01", "--fw-version", "2.0.106"], folder.path);
  expect(shown).toMatch(/verify boot2 +\d/);
  expect(shown).toContain("verified");
  expect(code).toBe(0);
});
