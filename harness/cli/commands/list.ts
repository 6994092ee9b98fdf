import type { ArgumentsCamelCase, Argv } from "yargs";
import { rigsOf, scenarioFiles, withCases } from "../options/cases.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";

export const options = (yargs: Argv) => withCases(yargs).example("$0 list --profile t01 --fw-version 2.0.106", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const { dryRun, tellPlanned } = await import("../run/plan.js");
    const wanted = { ...args, configs: await rigsOf(args), files: await scenarioFiles(args.scenarios ?? []), seed: 1 };
    return tellPlanned(await dryRun(wanted, interrupt.signal), args.json);
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}
