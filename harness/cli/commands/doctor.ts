import type { ArgumentsCamelCase, Argv } from "yargs";
import { isSimulated } from "../../../rigs/simulated.js";
import { HarnessError } from "../../base/errors.js";
import type { Check } from "../../doctor/check.js";
import { checkRig } from "../bench/checks.js";
import { withRig } from "../options/options.js";
import { withRedis } from "../options/redis.js";
import { withTraceFile } from "../options/trace.js";
import { tellChecks } from "../terminal/checks-text.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";
import { printJson } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  withRedis(withTraceFile(withRig(yargs)))
    .option("active", {
      type: "boolean",
      default: false,
      describe: "Also drive the lines: a handshake with the module, and its boot info",
    })
    .example("$0 doctor --rig bench-1.yaml", "Nothing is driven, reset or flashed")
    .example("$0 doctor --rig bench-1.yaml --active --json", "")
    .example("$0 doctor --redis redis://farm.local", "Whether that server is fit for a farm, too");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    if (args.wait && !args.active)
      throw new HarnessError("USAGE", "--wait does not go without --active: no rig is opened, and none waited for");
    if (args.trace !== undefined && !args.active)
      throw new HarnessError("USAGE", "--trace does not go without --active: nothing goes over the wire");
    const askRedis = await redisOf(args.redis);
    const { config, checks: ofRig } = await checkRig(args, args.active, interrupt.signal);
    const checks = [...ofRig, ...(await askRedis(interrupt.signal))];
    if (args.json) printJson({ rig: config.name, simulated: isSimulated(config), checks });
    else tellChecks(config, checks);
    return checks.some(({ status }) => status === "failed") ? 2 : 0;
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}

/**
 * The checks of the farm's server, none where none is asked for: only then is any of the farm loaded.
 *
 * @throws HarnessError USAGE for a URL that is none, before anything is looked at.
 */
async function redisOf(given: string | undefined): Promise<(signal: AbortSignal) => Promise<readonly Check[]>> {
  if (given === undefined) return async () => [];
  const [{ redisPlace }, { examineRedis }] = await Promise.all([
    import("../../farm/connection.js"),
    import("../../farm/read-redis.js"),
  ]);
  const place = redisPlace(given);
  return (signal) => examineRedis(place, signal);
}
