import { resolve } from "node:path";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { readTrace } from "../../harness/trace/read.js";
import type { TraceRecord } from "../../harness/trace/record.js";
import { openSocketStraps } from "../../rigs/lines/socket.js";
import { type Scratch, scratch } from "../support/scratch.js";
import { rigOver, SimProcess } from "../support/sim.js";
import { PROGRAM, timeOf, timeOfCommand } from "./figures.js";
import { commandAt } from "./options.js";

/** The module's own work takes no time: what is left is line, strap and us. */
const AT_ONCE = { pageMs: 0, sectorEraseMs: 0, chipEraseMs: 0, shaBytesPerSec: 1e12 };
/** As a rig's `timing.resetMs`. */
const RESET_MS = 100;

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

  /** @param pace without it no byte takes time: for who judges, and measures nothing. */
  static async start(pace: readonly string[] = ["--pace"]): Promise<PacedModule> {
    const folder = scratch();
    const set = Object.entries(AT_ONCE).flatMap(([name, value]) => ["--set", `sim.flash.${name}=${value}`]);
    return new PacedModule(folder, await SimProcess.start(folder, ["--start", "off", ...pace, ...set]));
  }

  /** As a user flashes it: how long the process lasts. */
  async flash(): Promise<number> {
    return this.#run("flash", ...(await images()));
  }

  /** What went over the wire. */
  async flashTraced(): Promise<readonly TraceRecord[]> {
    return this.#traced("flash", ...(await images())).records;
  }

  /**
   * By somebody else's command, of a module that is blank and fresh in its boot ROM: how long it lasts.
   *
   * @throws Error when it fails, or ends well without the images on the flash: who does less is not compared.
   */
  async flashBy(command: string): Promise<number> {
    this.#run("erase", "--whole-chip");
    await this.#enterRom();
    const took = timeOfCommand(commandAt(this.#folder.file("port"), command));
    try {
      this.#run("verify", ...(await images()));
    } catch (cause) {
      throw new Error(`${command}: it ended with 0, and verify does not find the images`, { cause });
    }
    return took;
  }

  /** All of its flash. */
  read(): Paced {
    return this.#traced("read", "--out", this.#folder.file("dump.bin"), "--force");
  }

  async #enterRom(): Promise<void> {
    const deadline = Deadline.in(10_000, "strapping the module", new SystemClock());
    await using straps = await openSocketStraps(this.#folder.file("lines"), deadline);
    await straps.set("boot", true, deadline);
    await straps.set("chipEn", false, deadline);
    await deadline.sleep(RESET_MS);
    await straps.set("chipEn", true, deadline);
    await deadline.sleep(RESET_MS);
    await straps.set("boot", false, deadline);
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
