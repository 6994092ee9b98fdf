import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import { ENDED_WELL, type WatchdogJob } from "./watchdog-job.js";

/** Longest that lines wait for their watchdog, which starts node and loads twenty files: 174 ms on a PC. */
const READY_MS = 10_000;

const PROGRAM = fileURLToPath(new URL("./watchdog-process.js", import.meta.url));

/**
 * A process of its own that makes the lines safe when this one dies without a word, killed by SIGKILL for instance. It
 * sees the end of a pipe, which no death can hide. It has a session of its own: a signal for our process group, such as
 * Ctrl-C, does not reach it.
 */
export class Watchdog {
  readonly #child: ChildProcess;
  readonly #failed: Promise<string>;
  #warn: (text: string) => void = () => undefined;
  /** Also when it has ended: then there is nobody to wait for. */
  readonly #ready: Promise<void>;

  /**
   * Starts one that has no job yet, and ends with this process, quietly. What can be checked before a rig is opened takes as
   * long as it needs to start.
   *
   * @param name of the rig, as far as it is known: for people who look at the list of processes, as is the holder's pid.
   */
  constructor(name: string, holderPid = process.pid, program = PROGRAM) {
    const args = [program, name, String(holderPid)];
    this.#child = spawn(process.execPath, args, { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.#failed = new Promise((tell) => this.#child.on("error", ({ message }) => tell(message)));
    this.#ready = new Promise((done) => {
      this.#child.stdout?.once("data", () => done());
      this.#child.once("error", () => done()).once("close", () => done());
    });
    this.#child.stdin?.on("error", () => undefined);
    // None of it keeps this process alive.
    this.#child.unref();
    for (const pipe of [this.#child.stdin, this.#child.stdout]) (pipe as { unref?: () => void } | null)?.unref?.();
  }

  /** From now on it watches. @param warn hears when it could not be started: the work goes on without it. */
  watch(job: WatchdogJob, warn: (text: string) => void): void {
    this.#warn = warn;
    void this.#failed.then((message) =>
      warn(`${job.config.name}: no watchdog: ${message}: if this process is killed, its lines stay as they are`),
    );
    this.#child.stdin?.write(`${JSON.stringify(job)}\n`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Waits until it could make the lines safe at once. Never fails: one that is late is told, and who aborts `signal` finds
   * that out by the signal.
   */
  async armed(signal: AbortSignal): Promise<void> {
    const limit = Deadline.in(READY_MS, "the start of the watchdog", new SystemClock(), signal);
    await limit.race(this.#ready).catch((error: Error) => {
      if (!signal.aborted) this.#warn(error.message);
    });
  }

  /** The lines are as they should be, or it has no job: it ends quietly. Written at once, so the process may end right after. */
  dismiss(): void {
    this.#child.stdin?.end(`${ENDED_WELL}\n`);
  }

  /** We could not make the lines safe: it tries again, now. */
  alarm(): void {
    this.#child.stdin?.end();
  }
}
