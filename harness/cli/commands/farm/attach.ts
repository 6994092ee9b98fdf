import type { ArgumentsCamelCase, Argv } from "yargs";
import { asUnusable } from "../../../farm/trouble.js";
import { attach } from "../../farm/attach.js";
import { withClerk } from "../../options/farm.js";
import { attachmentBase, wholeNumber } from "../../options/options.js";
import { withPast } from "../../options/past.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";

export const options = (yargs: Argv) =>
  withClerk(withPast(yargs))
    .positional("run", { type: "string", demandOption: true, describe: "Id of the run" })
    .option("out", { type: "string", requiresArg: true, describe: "Folder of the run; default out/<run id>" })
    .option("junit", { type: "string", requiresArg: true, describe: "Write junit.xml here too" })
    .option("attachment-base", attachmentBase)
    .option("keep", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("keep", 1),
      describe: "Of the runs beside this one leave so many, this one counted",
    })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 farm attach 20261128-020000-1a2b --redis redis://farm:6379", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    return await attach({ ...args, redis: args.redis }, interrupt);
  } catch (error) {
    return reportEnd(interrupt, asUnusable(error), args.json);
  }
}
