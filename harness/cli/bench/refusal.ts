import { HarnessError } from "../../base/errors.js";
import { report } from "../terminal/output.js";
import { type Bench, rigFacts } from "./workbench.js";

/** What is refused before the rig is opened was never near a module: the harness could not judge it. */
export const REFUSED = 2;

/**
 * What `prepare` gives; or `undefined` after telling why it refused, whomever that is held against: the exit code is
 * `REFUSED` then, and not the blame's.
 */
export async function orRefusal<T>(prepare: () => Promise<T>, bench: Bench, json: boolean): Promise<T | undefined> {
  try {
    return await prepare();
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    report(error, json, rigFacts(bench));
    return undefined;
  }
}
