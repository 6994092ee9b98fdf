import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { clean } from "../../harness/base/clean.js";
import { HarnessError } from "../../harness/base/errors.js";

/** A person who can be asked to do something. */
export interface Terminal {
  /** Whether somebody sits there, as far as one can tell. */
  readonly isTTY: boolean;
  /** Shows `prompt` and waits for Enter. Rejects when `signal` aborts or the input ends. */
  ask(prompt: string, signal: AbortSignal): Promise<void>;
  tell(text: string): void;
}

type Channel<T> = T & { readonly isTTY?: boolean };

/** Prompts go to stderr: stdout is for what programs read. */
export function terminalOf(
  input: Channel<Readable> = process.stdin,
  output: Channel<Writable> = process.stderr,
): Terminal {
  return {
    get isTTY() {
      return input.isTTY === true && output.isTTY === true;
    },
    ask: (prompt, signal) => enterOn(input, output, prompt, signal),
    tell: (text) => void output.write(`${clean(text)}\n`),
  };
}

function enterOn(input: Readable, output: Writable, prompt: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new HarnessError("ABORTED", `the input ended at the question: ${prompt.trim()}`));
    if (signal.aborted) return reject(signal.reason);
    if (input.readableEnded || input.destroyed) return ended();
    output.write(clean(prompt));
    /** Not as a terminal: that would take Ctrl-C for a key, and the interrupt would never come. */
    const lines = createInterface({ input, terminal: false });
    const abort = () => {
      output.write("\n");
      reject(signal.reason);
      lines.close();
    };
    lines.once("line", () => {
      resolve();
      lines.close();
    });
    // A terminal that goes away ends the input with an error.
    lines.on("error", () => lines.close());
    lines.once("close", () => {
      signal.removeEventListener("abort", abort);
      ended();
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}
