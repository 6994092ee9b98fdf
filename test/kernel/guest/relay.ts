import { type ChildProcess, spawn } from "node:child_process";
import { createConnection, type Socket } from "node:net";
import { BCM, type Bench } from "./bench.js";
import type { LineName } from "./judge.js";
import { parseTrace, Trace } from "./trace.js";

/** How often the pins themselves are looked at. */
const LOOK_MS = 200;
/** The lines as the control socket of a simulated module calls them. */
const WORDS: Readonly<Record<LineName, string>> = { boot: "boot", chipEn: "en" };

/**
 * The two wires between the GPIOs and a simulated module. The kernel's trace gives every level in its order, even where
 * this process is late for it; the pins themselves have the last word, since a line that is let go falls untraced.
 */
export class Relay implements AsyncDisposable {
  readonly #bench: Bench;
  readonly #socket: Socket;
  /** It blocks where nothing comes, which this process must not. */
  readonly #reader: ChildProcess;
  readonly #sent: Partial<Record<LineName, boolean>> = {};
  readonly #stop = new AbortController();
  readonly #looking: Promise<void>;
  #held = "";

  /** @param path the control socket of a module. */
  constructor(bench: Bench, path: string) {
    this.#bench = bench;
    this.#socket = createConnection(path);
    this.#socket.resume().on("error", () => this.#stop.abort());
    this.#reader = spawn("cat", [new Trace("relay").pipe], { stdio: ["ignore", "pipe", "inherit"] });
    this.#reader.stdout?.setEncoding("latin1").on("data", (text) => this.#hear(String(text)));
    this.#looking = this.#look().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#reader.kill();
    await this.#looking;
    this.#socket.destroy();
  }

  #hear(text: string): void {
    const lines = (this.#held + text).split("\n");
    this.#held = lines.pop() ?? "";
    for (const { number, to } of parseTrace(lines.join("\n"))) {
      const line = this.#bench.lines.get(number);
      if (line !== undefined && to !== "input") this.#send(line, to === "high");
    }
  }

  async #look(): Promise<void> {
    const { chip, clock } = this.#bench;
    for (;;) {
      for (const line of ["boot", "chipEn"] as const) this.#send(line, chip.level(BCM[line]));
      await clock.sleep(LOOK_MS, this.#stop.signal);
    }
  }

  #send(line: LineName, high: boolean): void {
    if (this.#sent[line] === high) return;
    this.#sent[line] = high;
    this.#socket.write(`${WORDS[line]} ${high ? 1 : 0}\n`);
  }
}
