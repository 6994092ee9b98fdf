import { constants } from "node:os";
import { lastResort } from "../../base/cleanup.js";
import { asHarnessError, HarnessError } from "../../base/errors.js";
import { SystemClock } from "../../base/time.js";
import { report, reportCalledOff } from "./output.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Longest that work may take to end in order after a crash: letting go of a rig, making it safe, writing reports. */
const CRASH_MS = 10_000;
const BROKEN = 2;

/** How work is called off: by the operator, or by an error that nobody caught. */
export interface Interrupt extends Disposable {
  /** Aborts at the first of them: work stops at its next wait, rigs become safe, reports are written. */
  readonly signal: AbortSignal;
  /** 128 plus the signal's number; 2 after a crash; `undefined` while there was none. */
  readonly exitCode: number | undefined;
  /** As a crash does it: for an error that cannot be thrown where it came. The first of all reasons counts. */
  callOff(error: HarnessError): void;
}

/** Whoever can end in order after a crash. */
const crashed = new Set<(error: HarnessError) => void>();

/**
 * Listens to SIGINT, SIGTERM and SIGHUP, to `more`, and to errors that nobody caught, until disposed. The second signal
 * ends the process at once, but for making the lines safe; the third one does not wait for that either.
 */
export function onInterrupt(more: readonly NodeJS.Signals[] = []): Interrupt {
  const names = [...SIGNALS, ...more];
  const abort = new AbortController();
  const ended = new AbortController();
  let exitCode: number | undefined;
  let leaving = false;
  const listen = (name: NodeJS.Signals) => {
    const code = 128 + constants.signals[name];
    if (leaving) process.exit(code);
    leaving = exitCode !== undefined;
    exitCode = code;
    if (leaving) void leaveNow(code);
    else abort.abort(new HarnessError("ABORTED", `interrupted by ${name}`));
  };
  const crash = (error: HarnessError) => {
    if (exitCode !== undefined) return;
    exitCode = BROKEN;
    abort.abort(error);
    new SystemClock().sleep(CRASH_MS, ended.signal).then(
      () => leaveNow(BROKEN),
      () => undefined,
    );
  };
  for (const name of names) process.on(name, listen);
  crashed.add(crash);
  return {
    signal: abort.signal,
    get exitCode() {
      return exitCode;
    },
    callOff: crash,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, listen);
      crashed.delete(crash);
      ended.abort();
    },
  };
}

/**
 * Tells what ended the work: that it was called off, and then no more than that lines are not safe; else the error.
 *
 * @returns the exit code.
 */
export function reportEnd(
  { signal: { aborted, reason }, exitCode }: Interrupt,
  error: unknown,
  json: boolean,
  facts: object = {},
): number {
  const told = aborted ? reportCalledOff(reason, error, json, facts) : report(error, json, facts);
  return exitCode ?? told;
}

/** An error that nobody caught, a rejection included, calls off the work; without any it ends the process, with exit code 2. */
export function catchCrashes(): void {
  process.on("uncaughtException", (thrown) => {
    const error = asHarnessError(thrown);
    if (crashed.size === 0) {
      report(error, false);
      void leaveNow(BROKEN);
    }
    for (const crash of crashed) crash(error);
  });
}

async function leaveNow(exitCode: number): Promise<never> {
  for (const error of await lastResort.run()) report(error, false);
  process.exit(exitCode);
}
