import type { Argv } from "yargs";
import { duration } from "./options.js";
import { withRedis } from "./redis.js";

/** Options of whoever takes part in a farm. */
export const withLease = <T>(yargs: Argv<T>) =>
  withRedis(yargs)
    .option("lease", {
      type: "string",
      default: "90s",
      requiresArg: true,
      coerce: duration,
      describe: "An agent of which nothing was heard for so long has lost its job; the same for all of a farm",
    })
    .option("shared", {
      type: "string",
      requiresArg: true,
      describe: "Folder of firmware that all machines share; default: it goes by way of Redis",
    });

/** Options of who writes a run down. */
export const withClerk = <T>(yargs: Argv<T>) =>
  withLease(yargs).option("patience", {
    type: "string",
    default: "5m",
    requiresArg: true,
    coerce: duration,
    describe:
      "So long a case waits for a rig that can take it; then it is broken, or skipped where no rig has what it needs",
  });
