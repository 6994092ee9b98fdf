import type { ArgumentsCamelCase, Argv } from "yargs";
import { rigsOf, scenarioFiles, withCases } from "../options/cases.js";
import { wholeNumber } from "../options/options.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";

export const options = (yargs: Argv) =>
  withCases(yargs)
    .option("seed", {
      type: "string",
      default: "1",
      requiresArg: true,
      coerce: wholeNumber("seed", 0),
      describe: "The same seed gives the same run",
    })
    .option("max-failures", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("max-failures", 1),
      describe: "Skip the rest after so many cases failed or broke",
    })
    .option("out", { type: "string", requiresArg: true, describe: "Folder of the run; default out/<run id>" })
    .option("junit", { type: "string", requiresArg: true, describe: "Write junit.xml here too" })
    .option("dry-run", { type: "boolean", default: false, describe: "List the cases and touch nothing" })
    .example("$0 run", "The smoke suite on the simulated module")
    .example("$0 run 'cross-flash*' --firmware NCP_Binaries --rig bench-1.yaml", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const [{ checkOutputs, placeOf }, { runOn }, { dryRun, tellPlanned }] = await Promise.all([
      import("../run/outputs.js"),
      import("../run/run.js"),
      import("../run/plan.js"),
    ]);
    const configs = await rigsOf(args);
    const files = await scenarioFiles(args.scenarios ?? []);
    const wanted = { ...args, configs, files, seed: args.seed ?? 1 };
    if (args.dryRun) return tellPlanned(await dryRun(wanted, interrupt.signal), args.json);
    const place = placeOf(args);
    checkOutputs(place, wanted);
    return await runOn(wanted, place, interrupt);
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}
