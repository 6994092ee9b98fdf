import { Console } from "node:console";
import { resolve } from "node:path";
import { globSync } from "tinyglobby";
import type { Ended } from "./cli.js";
import { workingIn } from "./working-in.js";

/** Catches what is written to a stream; nobody is at a terminal meanwhile. */
function caught(stream: NodeJS.WriteStream): { readonly text: string } & Disposable {
  const { write, isTTY } = stream;
  let text = "";
  stream.isTTY = false;
  stream.write = (piece: string | Uint8Array) => {
    text += String(piece);
    return true;
  };
  return {
    get text() {
      return text;
    },
    [Symbol.dispose]: () => Object.assign(stream, { write, isTTY }),
  };
}

/** What is told by the console, as yargs does, goes where it would in a process: jest has a console of its own. */
function plainConsole(): Disposable {
  const { console: before } = globalThis;
  globalThis.console = new Console(process.stdout, process.stderr);
  return { [Symbol.dispose]: () => Object.assign(globalThis, { console: before }) };
}

/** What the program loads when used, one after the other: jest mixes up modules that are loaded at the same time. */
async function loadAll(): Promise<void> {
  const files = globSync([
    "harness/**/*.ts",
    "rigs/**/*.ts",
    "!**/main.ts",
    "!**/*-process.ts",
    "!**/lane-lifeline.ts",
  ]);
  for (const file of files) await import(resolve(file));
}
let loaded: Promise<void> | undefined;

/**
 * Runs the program as `st67hil` does, without its process: one call at a time, and no signals. What a process costs, half
 * a second, is spent once a file.
 */
export async function inProcess(args: readonly string[], { cwd = process.cwd() } = {}): Promise<Omit<Ended, "signal">> {
  using stdout = caught(process.stdout);
  using stderr = caught(process.stderr);
  using _console = plainConsole();
  // Only now: some of it looks for a terminal when it is loaded.
  loaded ??= loadAll();
  await loaded;
  using _folder = workingIn(cwd);
  const { runProgram } = await import("../../harness/cli/program.js");
  const code = await runProgram(args);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
