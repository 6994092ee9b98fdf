import { createInterface } from "node:readline";
import { isatty } from "node:tty";

const STDIN = 0;

/** Standard input, line by line. */
export interface TypedLines extends Disposable {
  /** Somebody types them. */
  readonly byHand: boolean;
  /** The next one without the blanks around it; `undefined` at the end of the input. @throws the signal's reason. */
  next(): Promise<string | undefined>;
}

export function typedLines(signal: AbortSignal): TypedLines {
  const byHand = isatty(STDIN);
  // Not as a terminal: that would take Ctrl-C for a key, and the interrupt would never come.
  const lines = createInterface({ input: process.stdin, terminal: false, signal });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    byHand,
    async next() {
      if (byHand) process.stderr.write("> ");
      // A terminal that goes away ends the input with an error.
      const { value, done } = await iterator.next().catch(() => ({ value: "", done: true }));
      signal.throwIfAborted();
      if (!done) return value.trim();
      // Below the prompt that is still there.
      if (byHand) process.stderr.write("\n");
      return undefined;
    },
    [Symbol.dispose]: () => {
      lines.close();
      process.stdin.destroy();
    },
  };
}
