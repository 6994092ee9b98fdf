import type { ArgumentsCamelCase, Argv } from "yargs";
import { farmRun } from "../../farm/run.js";
import { scenarioFiles, withFarmCases } from "../../options/cases.js";
import { withClerk } from "../../options/farm.js";
import { withLeavings } from "../../options/leavings.js";
import { withPast } from "../../options/past.js";
import { withTries } from "../../options/tries.js";
import { checkOutputs, placeOf } from "../../run/outputs.js";
import { loadQuarantine } from "../../run/quarantine.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";

export const options = (yargs: Argv) =>
  withClerk(withTries(withLeavings(withPast(withFarmCases(yargs)))))
    .option("rig", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "Names of rigs of the farm; default: whichever has what a case needs",
    })
    .option("detach", { type: "boolean", default: false, describe: "Do not wait: farm attach goes on with it" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 farm run --suite nightly --firmware NCP_Binaries --redis redis://farm:6379", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const files = await scenarioFiles(args.scenarios ?? []);
    const quarantine = args.quarantine === undefined ? [] : loadQuarantine(args.quarantine);
    const place = placeOf(args);
    checkOutputs(place, { ...args, rig: [], configs: [], files }, false);
    const { redis, shared } = args;
    return await farmRun({ ...args, redis, shared, files, seed: args.seed ?? 1 }, place, quarantine, interrupt);
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}
