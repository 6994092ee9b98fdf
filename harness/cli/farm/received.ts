import { dirname, join, normalize } from "node:path";
import { told, writeWhole } from "../../base/files.js";
import { makeFolder } from "../../base/folders.js";
import { Deadline, SystemClock } from "../../base/time.js";
import type { Blobs } from "../../farm/blobs.js";
import { hashOf, readKept } from "../../farm/kept.js";
import { asUnusable } from "../../farm/trouble.js";
import { faultOf } from "../../run/outcome.js";

/** One that is not there by then is named in the reports, and missing, in ms; `CALLED_OFF_MS`: of a run that was called off. */
const PATIENCE_MS = 60_000;
const CALLED_OFF_MS = 5000;
const FOLDER = "cases";

interface Announced {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly rig: string;
}

/** Files of cases as agents announce them: fetched one after the other, into the run's folder. */
export class Received {
  readonly #folder: string;
  readonly #blobs: Blobs;
  readonly #warn: (message: string) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string, blobs: Blobs, warn: (message: string) => void) {
    this.#folder = folder;
    this.#blobs = blobs;
    this.#warn = warn;
  }

  take(file: Announced): void {
    this.#last = this.#last.then(() => this.#fetch(file)).catch((error: unknown) => this.#warn(messageOf(error)));
  }

  /** Until all of them are there, or given up. */
  async all(isCalledOff: boolean): Promise<void> {
    const ms = isCalledOff ? CALLED_OFF_MS : PATIENCE_MS;
    const deadline = Deadline.in(ms, "the files of the cases", new SystemClock());
    await deadline.race(this.#last).catch((error: unknown) => this.#warn(messageOf(error)));
  }

  async #fetch({ path, sha256, bytes, rig }: Announced): Promise<void> {
    // It comes from another machine: it lies where files of cases do, and nowhere else.
    if (normalize(path) !== path || !path.startsWith(`${FOLDER}/`) || path.includes("\0"))
      return this.#warn(`${rig} has a file ${JSON.stringify(path)}, which is no file of a case: it was not fetched`);
    const target = join(this.#folder, path);
    const there = told(() => readKept(target, bytes));
    // Another clerk of the run has fetched it.
    if (there !== undefined && hashOf(there) === sha256) return;
    const content = await this.#blobs.get(sha256, bytes);
    if (content === undefined)
      return this.#warn(`${path} stayed on the machine of ${rig}: it is not in Redis any more`);
    makeFolder(dirname(target));
    writeWhole(target, content);
    await this.#blobs.remove?.(sha256);
  }
}

const messageOf = (error: unknown): string => faultOf(asUnusable(error)).message;
