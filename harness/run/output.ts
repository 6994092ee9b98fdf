import type { Evidence } from "./evidence.js";
import { maker } from "./strays.js";

type Write = typeof process.stdout.write;

/** Who gets what is printed while no case runs: the log of the lane. */
let elsewhere: (text: string) => void = () => undefined;
let current: Evidence | undefined;

/**
 * Takes standard output and standard error of this process, for good: what a scenario prints goes with its case, and
 * nowhere near the documents that the program itself writes.
 */
export function takeOutput(otherwise: (text: string) => void): void {
  elsewhere = otherwise;
  for (const stream of [process.stdout, process.stderr]) {
    const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      put(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
      const done = rest.find((each) => typeof each === "function") as (() => void) | undefined;
      if (done !== undefined) process.nextTick(done);
      return true;
    };
    stream.write = write as Write;
  }
}

function put(text: string): void {
  if (current?.isOf(maker())) current.print(text);
  else elsewhere(text);
}

/** What is printed is this case's, until disposed. */
export function printedBy(evidence: Evidence): Disposable {
  current = evidence;
  return {
    [Symbol.dispose]: () => {
      current = undefined;
    },
  };
}
