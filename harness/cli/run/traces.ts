import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Fact } from "../../base/events.js";
import { told } from "../../base/files.js";
import type { Keep } from "../../run/context.js";
import { attemptFolder, TRACE } from "../../run/evidence.js";

/** Some 400 flashes of T01. */
const MOST_BYTES = 500_000_000;

/** How much the traces of a run take, and whose are still kept. */
export class TraceBudget {
  readonly #folder: string;
  readonly #asked: Keep;
  readonly #warn: (message: string) => void;
  readonly #most: number;
  #bytes: number;

  /** @param folder of the run; what is there already counts. @param warn is told once, when there are too many. */
  constructor(folder: string, asked: Keep, warn: (message: string) => void, most = MOST_BYTES) {
    this.#folder = folder;
    this.#asked = asked;
    this.#warn = warn;
    this.#most = most;
    this.#bytes = tracesIn(folder).reduce((sum, path) => sum + bytesOf(path), 0);
  }

  get keep(): Keep {
    return this.#bytes < this.#most ? this.#asked : "failed";
  }

  hear(fact: Fact): void {
    if (fact.type !== "attachment" || fact.name !== TRACE) return;
    const before = this.keep;
    this.#bytes += bytesOf(join(this.#folder, fact.file));
    if (this.keep === before) return;
    const shown = Math.round(this.#most / 1_000_000);
    this.#warn(`the wire traces of this run take ${shown} MB: from here on those of cases that pass are not kept`);
  }

  /** The trace that an attempt at a case has left, where its lane was lost. */
  left(name: string, attempt: number): Fact[] {
    const file = join(attemptFolder(name, attempt), TRACE);
    return bytesOf(join(this.#folder, file)) === 0 ? [] : [{ type: "attachment", case: name, name: TRACE, file }];
  }
}

const tracesIn = (folder: string): string[] => {
  const cases = join(folder, "cases");
  const files = told(() => readdirSync(cases, { recursive: true, encoding: "utf8" })) ?? [];
  return files.filter((file) => basename(file) === TRACE).map((file) => join(cases, file));
};

/** 0 for what is not there. */
const bytesOf = (path: string): number => told(() => statSync(path).size) ?? 0;
