import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../../base/errors.js";
import { asUnusable } from "../../../farm/trouble.js";
import { farmRun } from "../../farm/run.js";
import { scenarioFiles, withFarmCases } from "../../options/cases.js";
import { withClerk } from "../../options/farm.js";
import { withLeavings } from "../../options/leavings.js";
import { withPast } from "../../options/past.js";
import { withTries } from "../../options/tries.js";
import { checkOutputs, placeOf } from "../../run/outputs.js";
import { loadQuarantine } from "../../run/quarantine.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";

/** Options of `run` that are none here, and what there is instead. */
const INSTEAD = {
  resume: "`st67-hil farm attach RUN` goes on with a run of the farm",
  set: "fields of a rig file are set where its agent is started, by `farm work --set`",
  wait: "a case waits for a rig that can take it for as long as --patience says",
  "dry-run": "`st67-hil list` with the same options shows the cases",
} as const;

/** Unknown, they would be refused without a word of help. */
function withoutLocal<T>(yargs: Argv<T>): Argv<T> {
  for (const [name, instead] of Object.entries(INSTEAD))
    yargs.option(name, {
      hidden: true,
      coerce: (given: unknown) => {
        if (given !== undefined) throw new Error(`--${name} does not go with farm run: ${instead}`);
      },
    });
  return yargs;
}

export const options = (yargs: Argv) =>
  withoutLocal(withClerk(withTries(withLeavings(withPast(withFarmCases(yargs))))))
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

/** Options of what is written at the end, by whoever is there then. */
const AT_THE_END = ["out", "junit", "attachment-base", "baseline", "keep"] as const;

/** @throws HarnessError USAGE for what would never come to be. */
function refuseForgotten(args: Args): void {
  const forgotten = AT_THE_END.find((name) => args.detach && args[name] !== undefined);
  if (forgotten !== undefined)
    throw new HarnessError("USAGE", `--${forgotten} does not go with --detach: give it to \`st67-hil farm attach\``);
}

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    refuseForgotten(args);
    const files = await scenarioFiles(args.scenarios ?? []);
    const quarantine = args.quarantine === undefined ? [] : loadQuarantine(args.quarantine);
    const place = placeOf(args);
    checkOutputs(place, { ...args, rig: [], configs: [], files }, false);
    const { redis, shared } = args;
    return await farmRun({ ...args, redis, shared, files, seed: args.seed ?? 1 }, place, quarantine, interrupt);
  } catch (error) {
    return reportEnd(interrupt, asUnusable(error), args.json);
  }
}
