import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { jsonOf } from "../base/clean.js";
import type { Emit, Fact, RunEvent } from "../base/events.js";
import type { Clock } from "../base/time.js";

type Listener = (event: RunEvent) => void;

/**
 * Writes `events.jsonl`: one write(2) an event, on disk at each case's end, so that a killed run keeps what was judged.
 * Listeners get every event after it was written; one that throws is dropped and remembered, and stops nobody else.
 */
export class Journal implements Disposable {
  readonly #file: number;
  readonly #clock: Clock;
  #seq = 0;
  #listeners: readonly Listener[];
  /** What listeners threw. */
  readonly failures: unknown[] = [];

  /** @param folder the run's folder; made when missing. An existing `events.jsonl` is an error: a run is never overwritten. */
  constructor(folder: string, clock: Clock, listeners: readonly Listener[]) {
    mkdirSync(folder, { recursive: true });
    this.#file = openSync(join(folder, "events.jsonl"), "ax");
    this.#clock = clock;
    this.#listeners = listeners;
  }

  readonly emit: Emit = (fact: Fact) => {
    const { type, ...rest } = fact;
    // The clock's fractions are binary noise below a nanosecond; a report needs microseconds.
    const atMs = Math.round(this.#clock.now() * 1000) / 1000;
    const event = { type, seq: this.#seq++, atMs, ...rest } as RunEvent;
    writeSync(this.#file, `${jsonOf(event)}\n`);
    if (type === "case.ended" || type === "run.ended") fsyncSync(this.#file);
    for (const listener of this.#listeners) this.#tell(listener, event);
  };

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
