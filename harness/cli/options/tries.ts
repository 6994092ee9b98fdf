import type { Argv } from "yargs";
import { wholeNumber } from "./options.js";

/** What becomes of cases that do not pass, or are not to be run. */
export const withTries = <T>(yargs: Argv<T>) =>
  yargs
    .option("max-failures", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("max-failures", 1),
      describe: "Skip the rest after so many cases failed or broke",
    })
    .option("retries", {
      type: "string",
      default: "0",
      requiresArg: true,
      coerce: wholeNumber("retries", 0),
      describe: "How often a case that did not pass begins once more; one that then passes is flaky",
    })
    .option("fail-on-flaky", {
      type: "boolean",
      default: false,
      describe: "A case that failed before it passed counts as failed",
    })
    .option("quarantine", { type: "string", requiresArg: true, describe: "File of cases that are not run, and why" });
