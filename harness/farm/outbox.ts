import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { RunEvent } from "../base/events.js";
import { told } from "../base/files.js";
import type { Clock } from "../base/time.js";
import type { Blobs } from "./blobs.js";
import type { Told } from "./messages.js";
import { tellRun } from "./stream.js";
import { isPassing } from "./trouble.js";

/** A file of a case that is larger stays on the agent's machine, in bytes; the run is told. */
const MOST_FILE_BYTES = 64 * 1024 * 1024;
/** Before a server is asked again that does not take it now, in ms. */
const AGAIN_MS = 1000;

/** Where a rig's journal of a run lies, and goes. */
export interface Sender {
  readonly client: Redis;
  readonly clock: Clock;
  readonly blobs: Blobs;
  readonly run: string;
  readonly rig: string;
  /** Names the journal. */
  readonly journal: string;
  /** That holds the journal. */
  readonly folder: string;
}

/** Which job an event belongs to. */
export interface OfJob {
  readonly job: number;
  readonly delivery: number;
}

/**
 * Sends what stands in a rig's journal to the run's stream, in its order, as long as it takes: while Redis is gone it waits
 * here. The files of a case are there before its end is told. What is sent twice, since an answer was lost, is known by
 * its number.
 */
export class Outbox {
  readonly #to: Sender;
  readonly #waiting: { readonly event: RunEvent; readonly of: OfJob }[] = [];
  readonly #files: string[] = [];
  #sending: Promise<Error | undefined> | undefined;

  constructor(to: Sender) {
    this.#to = to;
  }

  push(event: RunEvent, of: OfJob): void {
    this.#waiting.push({ event, of });
    void this.#start();
  }

  /**
   * Until all that was pushed is in the stream.
   *
   * @throws Error what the server has against it; what could not be sent is tried again with the next event, or the next life.
   */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0) {
      const failure = await this.#start();
      if (failure !== undefined) throw failure;
    }
  }

  /** @returns what went wrong. */
  #start(): Promise<Error | undefined> {
    this.#sending ??= this.#send()
      .then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      )
      .finally(() => {
        this.#sending = undefined;
      });
    return this.#sending;
  }

  async #send(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        await this.#sendOne(next);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.#to.clock.sleep(AGAIN_MS);
      }
    }
  }

  async #sendOne({ event, of }: { readonly event: RunEvent; readonly of: OfJob }): Promise<void> {
    if (event.type === "case.ended" || event.type === "case.retried")
      for (let path = this.#files[0]; path !== undefined; path = this.#files[0]) {
        await this.#sendFile(path, of);
        this.#files.shift();
      }
    const { rig, journal, folder } = this.#to;
    await this.#tell({ kind: "event", rig, journal, ...of, event });
    this.#waiting.shift();
    if (event.type === "attachment") this.#files.push(event.file);
    // Where it is not kept, all is sent once more, and known by its numbers.
    if (this.#waiting.length === 0 || event.type === "job.ended")
      told(() => writeFileSync(join(folder, DELIVERED), `${event.seq}\n`));
  }

  async #sendFile(path: string, of: OfJob): Promise<void> {
    const bytes = told(() => readFileSync(join(this.#to.folder, path)));
    if (bytes === undefined || bytes.length > MOST_FILE_BYTES) {
      const why = bytes === undefined ? "it cannot be read" : `its ${bytes.length} bytes are too many for the way`;
      return this.#tell({ kind: "stays", rig: this.#to.rig, ...of, path, why });
    }
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await this.#to.blobs.put(sha256, bytes);
    await this.#tell({ kind: "file", rig: this.#to.rig, ...of, path, sha256, bytes: bytes.length });
  }

  async #tell(entry: Told): Promise<void> {
    await tellRun(this.#to.client, this.#to.run, entry);
  }
}

/** Holds the number of the last event that is known to be in the stream. */
const DELIVERED = "delivered";

/** The number of the last event of the journal in `folder` that is known to be in the stream; -1: none is. */
export const deliveredIn = (folder: string): number =>
  Number(told(() => readFileSync(join(folder, DELIVERED), "utf8")) ?? "-1");
