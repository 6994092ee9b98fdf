import { asHarnessError, HarnessError } from "../../base/errors.js";
import { colors, tell } from "../terminal/output.js";

/** What cannot be asked of the past, or told to it, fails nothing: it is a warning. */
export function warn(what: string, thrown: unknown): void {
  const { message, advice } = asHarnessError(thrown);
  tell(`warning: ${what}: ${message}\n  ${advice}`, colors.yellow);
}

/** What `work` gives; `undefined`, and a warning, for a history that cannot be used. */
export async function orWarn<T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HarnessError && error.code === "HISTORY_UNUSABLE")) throw error;
    warn(what, error);
    return undefined;
  }
}
