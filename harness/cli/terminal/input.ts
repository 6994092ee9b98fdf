import { isatty, ReadStream } from "node:tty";
import type { Clock } from "../../base/time.js";
import { ignoreTerminalStops, mayRead } from "../../native/job-control.js";
import { tell } from "./output.js";

const STDIN = 0;
/** How soon a job that comes to the foreground is heard: a shell that does so tells it nothing. */
const LOOK_MS = 1000;

/**
 * Hands on what comes on standard input, until disposed; its end changes nothing. A terminal is read in the foreground
 * alone: in the background what is typed is the shell's, and reading would stop the whole job without a word.
 */
export function hearInput(hear: (text: string) => void, clock: Clock): Disposable {
  if (isatty(STDIN)) return new TerminalInput(hear, clock);
  process.stdin.setEncoding("utf8").on("error", () => undefined);
  process.stdin.on("data", hear);
  return { [Symbol.dispose]: () => void process.stdin.destroy() };
}

class TerminalInput implements Disposable {
  readonly #hear: (text: string) => void;
  readonly #over = new AbortController();
  #stream: ReadStream | undefined;

  constructor(hear: (text: string) => void, clock: Clock) {
    this.#hear = hear;
    ignoreTerminalStops();
    if (!mayRead(STDIN)) tell("in the background: standard input is read once this is in the foreground");
    this.#watch(clock).catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    this.#stream?.destroy();
  }

  async #watch(clock: Clock): Promise<never> {
    for (;;) {
      if (this.#stream === undefined && mayRead(STDIN)) this.#open();
      await clock.sleep(LOOK_MS, this.#over.signal);
    }
  }

  /** Sent to the background it ends with an error at the next key, and another one is opened later. */
  #open(): void {
    const stream = new ReadStream(STDIN);
    this.#stream = stream;
    stream.setEncoding("utf8").on("data", (text) => this.#hear(String(text)));
    stream.on("error", () => {
      this.#stream = undefined;
    });
  }
}
