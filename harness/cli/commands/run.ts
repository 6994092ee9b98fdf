import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../base/errors.js";
import { rigsOf, scenarioFiles, withCases } from "../options/cases.js";
import { withKept } from "../options/kept.js";
import { withLeavings } from "../options/leavings.js";
import { SIM } from "../options/options.js";
import { withPast } from "../options/past.js";
import { withTries } from "../options/tries.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";

export const options = (yargs: Argv) =>
  withTries(withLeavings(withPast(withCases(yargs))))
    .option("resume", { type: "string", requiresArg: true, describe: "Go on with a run that was cut off: its folder" })
    .option("dry-run", { type: "boolean", default: false, describe: "List the cases and touch nothing" })
    .example("$0 run", "The smoke suite on the simulated module")
    .example("$0 run 'cross-flash*' --firmware NCP_Binaries --rig bench-1.yaml", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(given: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const [{ checkOutputs, placeOf }, { runOn }, { dryRun, tellPlanned }, { readResumed }, { loadQuarantine }] =
      await Promise.all([
        import("../run/outputs.js"),
        import("../run/run.js"),
        import("../run/plan.js"),
        import("../run/resume.js"),
        import("../run/quarantine.js"),
      ]);
    refuseIdle(given);
    const resumed = given.resume === undefined ? undefined : readResumed(given.resume);
    const args = resumed === undefined ? given : withKept(given, resumed.summary.options, DEFAULTS);
    const configs = await rigsOf(args);
    const files = await scenarioFiles(args.scenarios ?? []);
    const wanted = { ...args, configs, files, seed: args.seed ?? 1 };
    const quarantine = args.quarantine === undefined ? [] : loadQuarantine(args.quarantine);
    if (args.dryRun) return tellPlanned(await dryRun(wanted, interrupt.signal), args.json);
    const place = resumed?.place ?? placeOf(args);
    checkOutputs(place, wanted, resumed !== undefined);
    return await runOn(wanted, { place, quarantine, resumed }, interrupt);
  } catch (error) {
    return reportEnd(interrupt, error, given.json);
  }
}

/** As they stand when nothing is given. */
const DEFAULTS = {
  rig: [SIM],
  set: [],
  pattern: [],
  repeat: 1,
  grace: 5000,
  deaf: 30_000,
  seed: 1,
  retries: 0,
  failOnFlaky: false,
  traces: "all",
};

/** @throws HarnessError USAGE for what means nothing beside --resume. */
function refuseIdle({ resume, out, runId }: Args): void {
  if (resume === undefined) return;
  if (out !== undefined) throw new HarnessError("USAGE", "--out does not go with --resume: the run has a folder");
  if (runId !== undefined) throw new HarnessError("USAGE", "--run-id does not go with --resume: the run has one");
}
