import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { resolve } from "node:path";
import { ReadStream } from "node:tty";
import { openPty } from "../../harness/native/pty.js";

const PROGRAM = resolve("dist/harness/cli/main.js");

/** Runs the program as a person's terminal does, keys that are signals included, and presses `key` once it shows `at`. */
export async function onTerminal(
  args: readonly string[],
  cwd: string,
  { at, key }: { readonly at: string; readonly key: string },
): Promise<{ code: number | null; shown: string }> {
  const { master, slave } = openPty();
  const line = ["-c", 'stty sane; exec setsid -c "$@"', "sh", process.execPath, PROGRAM, ...args];
  const child = spawn("sh", line, {
    cwd,
    stdio: [slave, slave, slave],
    env: { ...process.env, NO_COLOR: "1" },
  });
  closeSync(slave);
  const terminal = new ReadStream(master);
  const ended = new Promise<number | null>((done) => child.on("close", done));
  const drained = new Promise<void>((done) => terminal.on("error", () => undefined).on("close", () => done()));
  let shown = "";
  let pressed = false;
  terminal.setEncoding("utf8").on("data", (text) => {
    shown += String(text);
    if (pressed || !shown.includes(at)) return;
    pressed = true;
    terminal.write(key);
  });
  await drained;
  return { code: await ended, shown };
}
