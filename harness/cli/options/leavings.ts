import type { Argv } from "yargs";
import type { Keep } from "../../run/context.js";
import { attachmentBase, duration, wholeNumber } from "./options.js";

/**
 * What a run leaves, and when it ends at the latest.
 *
 * @param traces whose are kept if nobody says so.
 */
export const withLeavings = <T>(yargs: Argv<T>, traces: Keep = "all") =>
  yargs
    .option("seed", {
      type: "string",
      default: "1",
      requiresArg: true,
      coerce: wholeNumber("seed", 0),
      describe: "The same seed gives the same run",
    })
    .option("time-budget", {
      type: "string",
      requiresArg: true,
      coerce: (text?: string) => (text === undefined ? undefined : { ms: duration(text), shown: text }),
      describe: "No case begins after so long: 8h; the rest is skipped",
    })
    .option("traces", {
      type: "string",
      choices: ["all", "failed"] as const,
      default: traces,
      requiresArg: true,
      describe: "Keep the wire traces of all cases, or of those that did not pass; from 500 MB on of those alone",
    })
    .option("keep", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("keep", 1),
      describe: "Of the runs beside this one leave so many, this one counted",
    })
    .option("run-id", {
      type: "string",
      requiresArg: true,
      coerce: runIdOf,
      describe: "What the run is called; shards of one run have one",
    })
    .option("out", { type: "string", requiresArg: true, describe: "Folder of the run; default out/<run id>" })
    .option("junit", { type: "string", requiresArg: true, describe: "Write junit.xml here too" })
    .option("attachment-base", attachmentBase);

function runIdOf(text?: string): string | undefined {
  if (text === undefined || /^[A-Za-z0-9][\w.-]{0,99}$/.test(text)) return text;
  throw new Error(`--run-id: expected letters, digits, ".", "_" and "-", up to 100, got ${JSON.stringify(text)}`);
}
