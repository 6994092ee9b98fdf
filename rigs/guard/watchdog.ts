import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import { messageOf } from "../serial/port-trouble.js";
import { ENDED_WELL, type WatchdogJob } from "./watchdog-job.js";

/** Longest that lines wait for their watchdog, which starts node and loads a file or two: 85 to 120 ms on a PC. */
const READY_MS = 10_000;

const PROGRAM = fileURLToPath(new URL("./watchdog-process.js", import.meta.url));

/**
 * A process of its own that makes the lines safe when this one dies without a word, killed by SIGKILL for instance. It
 * sees the end of a pipe, which no death can hide. It has a session of its own: a signal for our process group, such as
 * Ctrl-C, does not reach it.
 */
export class Watchdog {
  readonly #child: ChildProcess | undefined;
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
    const child = started(args);
    if (typeof child === "string") {
      this.#failed = Promise.resolve(child);
      this.#ready = Promise.resolve();
      return;
    }
    this.#child = child;
    this.#failed = new Promise((tell) => child.on("error", ({ message }) => tell(message)));
    this.#ready = new Promise((done) => {
      child.stdout?.once("data", () => done());
      child.once("error", () => done()).once("close", () => done());
    });
    child.stdin?.on("error", () => undefined);
    // None of it keeps this process alive.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as { unref?: () => void } | null)?.unref?.();
  }

  /** From now on it watches. @param warn hears when it could not be started: the work goes on without it. */
  watch(job: WatchdogJob, warn: (text: string) => void): void {
    this.#warn = warn;
    void this.#failed.then((message) =>
      warn(`${job.config.name}: no watchdog: ${message}: if this process is killed, its lines stay as they are`),
    );
    this.#child?.stdin?.write(`${JSON.stringify(job)}\n`);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
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
    this.#child?.stdin?.end(`${ENDED_WELL}\n`);
  }

  /** We could not make the lines safe: it tries again, now. */
  alarm(): void {
    this.#child?.stdin?.end();
  }
}

/** @returns why there is none, where the system says so at once: it tells some errors later, by an event. */
function started(args: readonly string[]): ChildProcess | string {
  try {
    return spawn(process.execPath, args, { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  } catch (error) {
    return messageOf(error);
  }
}
