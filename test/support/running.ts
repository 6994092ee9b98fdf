import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { SystemClock } from "../../harness/base/time.js";

const PROGRAM = resolve("dist/harness/cli/main.js");
const LOOK_MS = 10;

/** The program in a process that is still at work. It is ended by its id, whatever happens. */
export class Running implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;
  stdout = "";
  stderr = "";
  /** Its process has ended; what it said last may still come. */
  isOver = false;

  constructor(args: readonly string[], cwd?: string, env: NodeJS.ProcessEnv = {}) {
    const options = { cwd, env: { ...process.env, ...env } };
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.stdout += String(text);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.stderr += String(text);
    });
    this.#child.on("exit", () => {
      this.isOver = true;
    });
    this.#ended = new Promise((done) => this.#child.on("close", (code, signal) => done(code ?? signal ?? "SIGKILL")));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  /** Until `there` tells something; an end of the process before that is a failure. */
  async until<T>(there: () => T | Promise<T>): Promise<T> {
    for (;;) {
      const found = await there();
      if (found) return found;
      if (this.isOver) throw new Error(`ended before: ${this.stdout}${this.stderr}`);
      await new SystemClock().sleep(LOOK_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
