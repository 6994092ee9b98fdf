import { join } from "node:path";
import type { Argv } from "yargs";

/** Where runs go by default, and their history with them. */
export const HISTORY = join("out", "history.sqlite");

export const withHistory = <T>(yargs: Argv<T>) =>
  yargs.option("history", {
    type: "string",
    requiresArg: true,
    describe: `History of past runs; default: ${HISTORY}, or history.sqlite beside the run's folder`,
  });

/** What a run has to do with past ones. */
export const withPast = <T>(yargs: Argv<T>) =>
  withHistory(yargs).option("baseline", {
    type: "string",
    requiresArg: true,
    describe: "Compare with this run: its folder, its id, or last-good, the newest of the same cases with exit code 0",
  });
