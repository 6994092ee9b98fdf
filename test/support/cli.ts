import { spawn } from "node:child_process";
import { resolve } from "node:path";

const PROGRAM = resolve("dist/harness/cli/main.js");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a person does, without a terminal. `during` gets the process while it runs: to send it a signal. */
export async function st67hil(
  args: readonly string[],
  {
    cwd = process.cwd(),
    env = {},
    during,
  }: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    during?: (kill: (signal: NodeJS.Signals) => void, stdout: string) => void;
  } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    during?.((signal) => child.kill(signal), stdout);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const { code, signal } = await new Promise<Pick<Ended, "code" | "signal">>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => done({ code, signal }));
  });
  return { code, signal, stdout, stderr };
}
