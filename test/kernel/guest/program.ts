import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** In here all programs are bundled into one folder. */
const MAIN = fileURLToPath(new URL("./st67-hil.js", import.meta.url));
/** The rig file of the simulated module. */
export const SIM = fileURLToPath(new URL("../rigs/sim.yaml", import.meta.url));

/** How a process ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `st67-hil` in a process of its own, without a terminal. It is ended by its id, whatever happens. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], folder: string) {
    this.#child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => {
      this.stdout += String(text);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.stderr += String(text);
    });
    this.ended = new Promise((done, fail) => {
      this.#child.on("error", fail).on("close", (code, signal) => done({ code, signal }));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for a text on its standard output. @throws Error when it ends without it. */
  async says(text: string): Promise<void> {
    const said = new Promise<void>((done) => {
      this.#child.stdout?.on("data", () => this.stdout.includes(text) && done());
    });
    await Promise.race([said, this.ended]);
    if (!this.stdout.includes(text)) throw new Error(`expected ${JSON.stringify(text)}; it ended: ${this.stderr}`);
  }

  /** Waits for its end. @throws Error with all that it said when it is not this one. */
  async endsWith(code: number): Promise<void> {
    const ended = await this.ended;
    if (ended.code === code) return;
    throw new Error(`expected exit code ${code}; got ${JSON.stringify(ended)}\n${this.stdout}\n${this.stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.kill("SIGKILL");
    await this.ended;
  }
}
