import type { ArgumentsCamelCase, Argv } from "yargs";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { HarnessError } from "../../base/errors.js";
import { STRAP_SCENARIO, workingPoint } from "../../base/strap-timing.js";
import { axesOf } from "../options/axes.js";
import { rigsOf } from "../options/cases.js";
import { withLeavings } from "../options/leavings.js";
import { duration, wholeNumber, withRig } from "../options/options.js";
import { withHistory } from "../options/past.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";

export const options = (yargs: Argv) =>
  withLeavings(withHistory(withRig(yargs)))
    .option("axis", {
      type: "string",
      array: true,
      default: [] as string[],
      requiresArg: true,
      describe:
        "resetMs, setupMs, holdMs or delayMs with values: resetMs=5,10,50 or resetMs=5..200:10; several make a grid; default: a line along each",
    })
    .option("repeat", {
      type: "string",
      default: "1",
      requiresArg: true,
      coerce: wholeNumber("repeat", 1),
      describe: "Rounds over all points",
    })
    .option("timeout", {
      type: "string",
      requiresArg: true,
      coerce: (text?: string) => (text === undefined ? undefined : duration(text)),
      describe: "Longest time of a point: 3m",
    })
    .option("dry-run", { type: "boolean", default: false, describe: "List the points and touch nothing" })
    .example("$0 sweep --rig bench-1.yaml", "A line along each axis, through the rig's own timing")
    .example("$0 sweep --axis resetMs=0.05..200:12 --axis holdMs=0,1,10 --repeat 5", "A grid, five times");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** Fields of `run` that mean nothing here, as `run` has them by itself. */
const OF_A_RUN = { pattern: [STRAP_SCENARIO], files: [], grace: 5000, deaf: 30_000 } as const;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const [{ runAnew }, { dryRun, tellPlanned }, { pointsOf }, { sweepCourse }] = await Promise.all([
      import("../run/anew.js"),
      import("../run/plan.js"),
      import("../sweep/points.js"),
      import("../run/sweep.js"),
    ]);
    const axes = axesOf(args.axis);
    const rig = [args.rig];
    const configs = await rigsOf({ rig, set: args.set });
    const [config] = configs as [RigConfig];
    refuseHands(config);
    const { seed = 1, repeat = 1 } = args;
    const working = workingPoint(config.timing);
    const strapTimings = pointsOf(axes, working, seed, repeat);
    const wanted = { ...args, ...OF_A_RUN, rig, configs, seed, repeat, strapTimings };
    if (args.dryRun) return tellPlanned(await dryRun(wanted, interrupt.signal), args.json);
    const course = sweepCourse({ axes: args.axis, working, repeat });
    return await runAnew(wanted, interrupt, course);
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}

/** @throws HarnessError LINES_NOT_DRIVEN for a rig whose lines a person drives, or nobody. */
function refuseHands({ name, straps: { driver } }: RigConfig): void {
  if (driver !== "manual" && driver !== "none") return;
  throw new HarnessError(
    "LINES_NOT_DRIVEN",
    `${name}: a sweep times BOOT and CHIP_EN, and this rig does not drive them (straps.driver: ${driver})`,
  );
}
