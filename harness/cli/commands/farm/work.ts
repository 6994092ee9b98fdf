import type { ArgumentsCamelCase, Argv } from "yargs";
import { asUnusable } from "../../../farm/trouble.js";
import { workRigs } from "../../farm/work.js";
import { rigsOf, scenarioFiles } from "../../options/cases.js";
import { withLease } from "../../options/farm.js";
import { list, PROFILES, withRig } from "../../options/options.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";

export const options = (yargs: Argv) =>
  withLease(withRig(yargs))
    .option("rig", {
      type: "string",
      array: true,
      demandOption: true,
      requiresArg: true,
      describe: "Rig file, or the name of one; several may be named",
    })
    .option("profile", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: `Firmware profiles that the rigs may be given; default: ${PROFILES.join(", ")}`,
    })
    .option("scenarios", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "The agent's own scenario files: a glob. A run that has others is refused",
    })
    .option("firmware", {
      type: "string",
      requiresArg: true,
      describe: "NCP_Binaries folder with the reference firmware that the rigs are tried with",
    })
    .option("out", {
      type: "string",
      default: "out/farm",
      requiresArg: true,
      describe: "Folder of the rigs' own journals and history",
    })
    .example("$0 farm work --rig bench-1.yaml --rig bench-2.yaml --redis redis://farm:6379", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const configs = await rigsOf(args);
    const files = await scenarioFiles(args.scenarios ?? []);
    const profiles = args.profile === undefined ? [...PROFILES] : list("profile", args.profile);
    const { redis, shared, firmware } = args;
    return await workRigs({ ...args, redis, shared, firmware, configs, files, profiles }, interrupt);
  } catch (error) {
    return reportEnd(interrupt, asUnusable(error), args.json);
  }
}
