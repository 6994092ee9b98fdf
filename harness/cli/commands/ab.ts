import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../base/errors.js";
import { rigsOf, scenarioFiles, withLanes } from "../options/cases.js";
import { withLeavings } from "../options/leavings.js";
import { PROFILES, wholeNumber } from "../options/options.js";
import { withHistory } from "../options/past.js";
import { share } from "../options/share.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";

/** Of each side: more than a month of flashing. They are held in memory. */
const MOST_CYCLES = 10_000;

export const options = (yargs: Argv) =>
  withLeavings(withHistory(withLanes(yargs)), "failed")
    .option("a", {
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "Firmware that is good: t01@2.0.97",
    })
    .option("b", {
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "Firmware that is held against it",
    })
    .option("cycles", {
      type: "string",
      default: "30",
      requiresArg: true,
      coerce: wholeNumber("cycles", 1, MOST_CYCLES),
      describe: "Cycles of each; 30 find a shift of 5 % nearly always, 20 three times out of four",
    })
    .option("scenario", {
      type: "string",
      default: "flash-and-boot",
      requiresArg: true,
      describe: "Scenario with a case that ends with each of them",
    })
    .option("relevance", {
      type: "string",
      default: "5%",
      requiresArg: true,
      coerce: share("relevance", 1),
      describe: "A stage that is slower by less matters to nobody",
    })
    .option("alpha", {
      type: "string",
      default: "1%",
      requiresArg: true,
      coerce: share("alpha", 0.5),
      describe: "Risk that any stage is called changed that is not",
    })
    .example(
      "$0 ab --a t01@2.0.97 --b t01@2.0.106 --firmware NCP_Binaries --rig bench-1.yaml",
      "Is the new one slower?",
    );

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const [{ runAnew }, { abCourse }] = await Promise.all([import("../run/anew.js"), import("../run/ab.js")]);
    const { scenario, a, b, cycles = 1, relevance, alpha } = args;
    const sides = [labelled("a", a), labelled("b", b)];
    const configs = await rigsOf(args);
    if (configs.length > 1)
      throw new HarnessError("USAGE", "--rig: two firmwares are compared on one rig: its times are no other one's");
    const files = await scenarioFiles(args.scenarios ?? []);
    const profile = [...new Set(sides.map((side) => side.profile))];
    const fwVersion = [...new Set(sides.map((side) => side.version))];
    const wanted = { ...args, pattern: [scenario], profile, fwVersion, configs, files, seed: args.seed ?? 1 };
    const course = abCourse({ scenario, a, b, cycles, relevance, alpha });
    return await runAnew(wanted, interrupt, course);
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}

/** @throws HarnessError USAGE */
function labelled(name: string, label: string): { readonly profile: string; readonly version: string } {
  const [, profile, version] = /^([a-z0-9]+)@(\d+\.\d+\.\d+)$/.exec(label) ?? [];
  if (profile !== undefined && version !== undefined && (PROFILES as readonly string[]).includes(profile))
    return { profile, version };
  throw new HarnessError("USAGE", `--${name}: expected a firmware as t01@2.0.106, got ${JSON.stringify(label)}`);
}
