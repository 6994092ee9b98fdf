import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { jsonOf } from "../base/clean.js";
import type { HarnessError } from "../base/errors.js";
import type { Fact, RunEvent } from "../base/events.js";
import { makeFolder } from "../base/folders.js";
import { unwritable } from "../base/unwritable.js";

/** What somebody will rely on who asks when this process has gone. */
const KEPT: readonly Fact["type"][] = ["case.ended", "case.retried", "job.begun", "job.ended", "run.ended"];

type Listener = (event: RunEvent) => void;

/**
 * Writes `events.jsonl`: one write(2) an event, on disk at the end of each attempt at a case and around each job of a farm, so that a killed run keeps what was judged.
 * Listeners get every event after it was written; one that throws is dropped and remembered, and stops nobody else.
 *
 * An event that the disk does not take is taken back whole, so no line is ever torn in the middle. It waits, and all
 * later ones behind it, for the disk to have room again: what is in the file is always the beginning of the story.
 */
export class Journal implements Disposable {
  readonly #path: string;
  readonly #file: number;
  readonly #lost: (error: HarnessError) => void;
  #seq = 0;
  #listeners: readonly Listener[];
  /** Bytes of the file that are whole lines. */
  #bytes = 0;
  #torn = false;
  #isWhole = true;
  #waiting: Buffer[] = [];
  /** What listeners threw. */
  readonly failures: unknown[] = [];

  /**
   * @param folder the run's folder; made when missing. An existing `events.jsonl` is an error: a run is never overwritten.
   * @param lost is told of every event that was not written, or of which nobody knows whether it is on disk: the run is
   * to end as broken.
   * @param from where a run that was cut off goes on: what stands in its journal behind `bytes` is cut.
   * @throws HarnessError FILE_UNWRITABLE
   */
  constructor(
    folder: string,
    listeners: readonly Listener[],
    lost: (error: HarnessError) => void,
    from?: { readonly seq: number; readonly bytes: number },
  ) {
    this.#path = join(folder, "events.jsonl");
    makeFolder(folder);
    try {
      this.#file = openSync(this.#path, from === undefined ? "ax" : "a");
      if (from !== undefined) {
        this.#seq = from.seq;
        this.#bytes = from.bytes;
        this.#mend();
      }
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
    this.#listeners = listeners;
    this.#lost = lost;
  }

  /** All that happened stands in the file: one event that was lost is doubted until an event that is to be on disk is there. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** @param atMs on the clock of the fact's rig. */
  emit(fact: Fact, atMs: number): void {
    const { type, ...rest } = fact;
    const event = { type, seq: this.#seq++, atMs, ...rest } as RunEvent;
    this.#waiting.push(Buffer.from(`${jsonOf(event)}\n`));
    try {
      this.#writeWaiting();
      if (KEPT.includes(type)) this.#keep();
    } catch (cause) {
      this.#isWhole = false;
      this.#lost(unwritable(this.#path, cause));
    }
    for (const listener of this.#listeners) this.#tell(listener, event);
  }

  #writeWaiting(): void {
    for (let line = this.#waiting[0]; line !== undefined; line = this.#waiting[0]) {
      this.#write(line);
      this.#bytes += line.length;
      this.#waiting.shift();
    }
  }

  /** A disk that is nearly full takes some of the bytes, and only the next write says why. */
  #write(line: Buffer): void {
    if (this.#torn) this.#mend();
    try {
      for (let at = 0; at < line.length; ) {
        at += writeSync(this.#file, line, at);
        this.#torn = at < line.length;
      }
    } catch (error) {
      if (this.#torn) this.#mend();
      throw error;
    }
  }

  /**
   * On disk, and still the file that a reader finds, with our lines alone.
   *
   * @throws Error when somebody has removed, replaced or written into it.
   */
  #keep(): void {
    fsyncSync(this.#file);
    const { dev, ino, size } = fstatSync(this.#file);
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there === undefined || there.dev !== dev || there.ino !== ino)
      throw new Error("somebody has removed or replaced it");
    if (size !== this.#bytes)
      throw new Error(`somebody has written into it: ${size} bytes, and ours are ${this.#bytes}`);
    this.#isWhole = true;
  }

  #mend(): void {
    ftruncateSync(this.#file, this.#bytes);
    this.#torn = false;
  }

  #tell(listener: Listener, event: RunEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.failures.push(error);
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
