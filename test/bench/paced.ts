import { resolve } from "node:path";
import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { readTrace } from "../../harness/trace/read.js";
import type { TraceRecord } from "../../harness/trace/record.js";
import { type Scratch, scratch } from "../support/scratch.js";
import { rigOver, SimProcess } from "../support/sim.js";
import { PROGRAM, timeOf } from "./figures.js";

/** The module's own work takes no time: what is left is line, strap and us. */
const AT_ONCE = { pageMs: 0, sectorEraseMs: 0, chipEraseMs: 0, shaBytesPerSec: 1e12 };

export interface Paced {
  readonly processMs: number;
  readonly records: readonly TraceRecord[];
}

/** A module behind a PTY at 2 MBd, in a process of its own, whose lines are driven over its control socket. */
export class PacedModule implements AsyncDisposable {
  readonly #folder: Scratch;
  readonly #sim: SimProcess;
  readonly #rig: string;

  private constructor(folder: Scratch, sim: SimProcess) {
    this.#folder = folder;
    this.#sim = sim;
    this.#rig = rigOver(folder);
  }

  static async start(): Promise<PacedModule> {
    const folder = scratch();
    const set = Object.entries(AT_ONCE).flatMap(([name, value]) => ["--set", `sim.flash.${name}=${value}`]);
    return new PacedModule(folder, await SimProcess.start(folder, ["--start", "off", "--pace", ...set]));
  }

  /** As a user flashes it: how long the process lasts. */
  async flash(): Promise<number> {
    return this.#run("flash", ...(await images()));
  }

  /** What went over the wire. */
  async flashTraced(): Promise<readonly TraceRecord[]> {
    return this.#traced("flash", ...(await images())).records;
  }

  /** All of its flash. */
  read(): Paced {
    return this.#traced("read", "--out", this.#folder.file("dump.bin"), "--force");
  }

  #run(...args: readonly string[]): number {
    return timeOf([resolve(PROGRAM), ...args, "--rig", this.#rig], { cwd: this.#folder.path });
  }

  #traced(...args: readonly string[]): Paced {
    const trace = this.#folder.file("trace.jsonl");
    const processMs = this.#run(...args, "--trace", trace);
    return { processMs, records: readTrace(trace).records };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sim[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** The synthetic package, and what of it. */
async function images(): Promise<readonly string[]> {
  const { dir } = await openFirmware(undefined, true);
  return ["--firmware", dir, "--profile", "t01", "--fw-version", "2.0.106"];
}
