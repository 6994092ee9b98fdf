import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../base/errors.js";
import type { StressPlan } from "../../base/events.js";
import { rigsOf, scenarioFiles, withFirmwares, withLanes } from "../options/cases.js";
import { withLeavings } from "../options/leavings.js";
import { wholeNumber } from "../options/options.js";
import { withHistory } from "../options/past.js";
import { share } from "../options/share.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";

/** What can be judged; nobody has time for as many. */
const MOST_CYCLES = 1e9;

export const options = (yargs: Argv) =>
  withLeavings(withHistory(withFirmwares(withLanes(yargs))), "failed")
    .positional("scenario", {
      type: "string",
      demandOption: true,
      describe: "Name of a scenario, or of one of its cases; * stands for anything",
    })
    .option("cycles", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("cycles", 1, MOST_CYCLES),
      describe: "So many cycles, judged once behind the last",
    })
    .option("sprt", {
      type: "boolean",
      default: false,
      describe: "As few cycles as Wald's sequential test needs; the default",
    })
    .option("p0", {
      type: "string",
      default: "1%",
      requiresArg: true,
      coerce: share("p0", 1),
      describe: "A failure rate that is good enough",
    })
    .option("p1", {
      type: "string",
      default: "5%",
      requiresArg: true,
      coerce: share("p1", 1),
      describe: "A failure rate that is not",
    })
    .option("alpha", {
      type: "string",
      default: "5%",
      requiresArg: true,
      coerce: share("alpha", 0.5),
      describe: "Risk of rejecting what is good enough",
    })
    .option("beta", {
      type: "string",
      default: "5%",
      requiresArg: true,
      coerce: share("beta", 0.5),
      describe: "Risk of accepting what is not",
    })
    .option("max", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("max", 1, MOST_CYCLES),
      describe: "Undecided after so many cycles; default: ten times as many as accept when none fails",
    })
    .option("count", {
      type: "string",
      choices: ["all", "bricked"] as const,
      default: "all" as const,
      requiresArg: true,
      describe: "Failures are all cycles that are not ok, or those alone that the recovery ladder did not help",
    })
    .example("$0 stress reflash --rig bench-1.yaml --firmware NCP_Binaries", "72 cycles without a failure accept")
    .example("$0 stress reflash --cycles 299", "Without a failure: less than 1 % fail, with 95 % confidence");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const [{ runAnew }, { stressCourse }] = await Promise.all([import("../run/anew.js"), import("../run/stress.js")]);
    const plan = await planOf(args);
    const configs = await rigsOf(args);
    const files = await scenarioFiles(args.scenarios ?? []);
    const seed = args.seed ?? 1;
    const wanted = { ...args, pattern: [args.scenario], configs, files, seed };
    const course = stressCourse(plan, { seed, rigs: configs.length });
    return await runAnew(wanted, interrupt, course);
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}

const CLEAN_ROUNDS = 10;

/** @throws HarnessError USAGE */
async function planOf({ scenario, cycles, sprt, max, p0, p1, alpha, beta, count }: Args): Promise<StressPlan> {
  if (cycles !== undefined && sprt)
    throw new HarnessError("USAGE", "--cycles and --sprt: a number of cycles is fixed before the first, or it is not");
  if (cycles !== undefined && max !== undefined)
    throw new HarnessError("USAGE", "--max goes with --sprt; --cycles are as many as they are");
  if (p0 >= p1)
    throw new HarnessError("USAGE", `--p0 and --p1: what is good enough is below what is not; got ${p0} and ${p1}`);
  const { cleanCyclesToAccept } = await import("../../stats/sprt.js");
  const limits = { p0, p1, alpha, beta };
  const most = cycles ?? max ?? CLEAN_ROUNDS * cleanCyclesToAccept(limits);
  if (most > MOST_CYCLES)
    throw new HarnessError("USAGE", `--p0 and --p1: to tell ${p0} from ${p1} takes more than ${MOST_CYCLES} cycles`);
  return { scenario, method: cycles === undefined ? "sprt" : "fixed", ...limits, most, counts: count };
}
