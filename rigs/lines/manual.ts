import type { Deadline } from "../../harness/base/time.js";
import type { Line, Rig, Straps } from "../../harness/base/wire.js";
import type { Terminal } from "./terminal.js";

/**
 * A person at the buttons. Every change of a line is one prompt, and the work goes on after Enter: what is held is held
 * for the rig's times at least. A line that is where it should be is not asked for again; where the lines are at first,
 * nobody knows.
 */
export class ManualStraps implements Straps {
  readonly #name: string;
  readonly #timing: Rig["timing"];
  readonly #terminal: Terminal;
  readonly #known = new Map<Line, boolean>();

  constructor(name: string, timing: Rig["timing"], terminal: Terminal) {
    this.#name = name;
    this.#timing = timing;
    this.#terminal = terminal;
  }

  /** @throws the deadline's error when the person does not answer in time; HarnessError ABORTED when the input ends. */
  async set(line: Line, asserted: boolean, deadline: Deadline): Promise<void> {
    if (this.#known.get(line) === asserted) return;
    this.#known.delete(line);
    const stop = new AbortController();
    const prompt = `${this.#name}: ${this.#wish(line, asserted)}, then press Enter: `;
    try {
      await deadline.race(this.#terminal.ask(prompt, stop.signal));
    } finally {
      stop.abort();
    }
    this.#known.set(line, asserted);
  }

  /** The lines are the person's. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #wish(line: Line, asserted: boolean): string {
    const { resetMs, strapHoldMs, powerOffMs } = this.#timing;
    switch (line) {
      case "boot":
        return asserted ? "Hold BOOT high (press the BOOT button and keep it pressed)" : "Release BOOT (low)";
      case "chipEn":
        if (!asserted) return `Pull CHIP_EN low (press RESET and keep it pressed, for ${resetMs} ms or longer)`;
        return this.#known.get("boot") === true
          ? `Release RESET (CHIP_EN high), but keep BOOT high for ${strapHoldMs} ms or longer`
          : "Release RESET (CHIP_EN high)";
      case "power":
        return asserted
          ? "Switch the module's power on"
          : `Switch the module's power off (for ${powerOffMs} ms or longer)`;
    }
  }
}
