import { constants } from "node:os";
import { HarnessError } from "../base/errors.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** How the operator calls work off. */
export interface Interrupt extends Disposable {
  /** Aborts at the first signal: work stops at its next wait, rigs become safe, reports are written. */
  readonly signal: AbortSignal;
  /** 128 plus the signal's number, or `undefined` while there was none. */
  readonly exitCode: number | undefined;
}

/** Listens to SIGINT, SIGTERM and SIGHUP, and to `more`, until disposed. The second one ends the process at once. */
export function onInterrupt(more: readonly NodeJS.Signals[] = []): Interrupt {
  const names = [...SIGNALS, ...more];
  const abort = new AbortController();
  let exitCode: number | undefined;
  const listen = (name: NodeJS.Signals) => {
    const code = 128 + constants.signals[name];
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    abort.abort(new HarnessError("ABORTED", `interrupted by ${name}`));
  };
  for (const name of names) process.on(name, listen);
  return {
    signal: abort.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, listen);
    },
  };
}
