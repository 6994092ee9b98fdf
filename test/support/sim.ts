import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

const PROGRAM = resolve("dist/harness/cli/main.js");

/** `st67-hil sim` in a process of its own, with everything in one folder. It is ended by its id, whatever happens. */
export class SimProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stdout = "";
  stderr = "";

  private constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [PROGRAM, "sim", ...args], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.stdout += String(text);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.stderr += String(text);
    });
    this.#ended = new Promise((done) => this.#child.on("close", (code, signal) => done({ code, signal })));
  }

  /** Resolves once it is ready, or has ended. */
  static async start(folder: { file(name: string): string }, more: readonly string[] = []): Promise<SimProcess> {
    const files = ["--link", folder.file("port"), "--control", folder.file("lines"), "--state", folder.file("state")];
    const sim = new SimProcess([...files, ...more]);
    const ready = new Promise<void>((done) => {
      sim.#child.stdout?.on("data", () => sim.stdout.endsWith("\n") && done());
    });
    await Promise.race([ready, sim.#ended]);
    return sim;
  }

  /** Types on its standard input. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  closeInput(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

/** Rigs are locked by their names on the whole machine: no other worker has one of this name. */
export const RIG_OVER = `over-pty-${process.pid}`;

/** A rig file for the module of a `SimProcess` in the same folder. */
export function rigOver(folder: { file(name: string): string }): string {
  const file = folder.file(`${RIG_OVER}.yaml`);
  const straps = `straps: { driver: socket, path: ${folder.file("lines")} }`;
  writeFileSync(file, `name: ${RIG_OVER}\n${straps}\nserial: { path: ${folder.file("port")} }\n`);
  return file;
}
