import type { Deadline } from "./time.js";

/** Chunks that have arrived and the one reader who waits for them: nothing is lost between two reads. */
export class Inbox {
  #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** All that has arrived, at least one byte. @throws the deadline's error when nothing came in time. */
  async take(deadline: Deadline): Promise<Uint8Array> {
    while (this.#chunks.length === 0) {
      try {
        await deadline.race(
          new Promise<void>((resolve) => {
            this.#wake = resolve;
          }),
        );
      } finally {
        this.#wake = undefined;
      }
    }
    return this.arrived();
  }

  /** What has arrived by now, which may be nothing. */
  arrived(): Uint8Array {
    return Buffer.concat(this.#chunks.splice(0));
  }

  drop(): void {
    this.#chunks = [];
  }
}
