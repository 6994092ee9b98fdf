import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../../base/errors.js";
import { KEYS } from "../../../farm/keys.js";
import { KEPT_MS } from "../../../farm/tenure.js";
import { asUnusable } from "../../../farm/trouble.js";
import { openRedis } from "../../farm/redis.js";
import { withRedis } from "../../options/redis.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";
import { printJson, tell } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  withRedis(yargs)
    .positional("run", { type: "string", demandOption: true, describe: "Id of the run" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 farm cancel 20261128-020000-1a2b --redis redis://farm:6379", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** Agents end what is under way and make their rigs safe; who writes the run down ends it as interrupted. */
export async function run({ run, redis, json }: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    await using client = await openRedis(redis);
    if ((await client.sismember(KEYS.runs, run)) === 0)
      throw new HarnessError("USAGE", `farm cancel ${run}: no run of that name is under way`, {
        advice: "`st67-hil farm status` shows those that are.",
      });
    const stop = { cancel: true, reason: "cancelled by `farm cancel`" };
    await client.set(KEYS.stop(run), JSON.stringify(stop), "PX", KEPT_MS);
    if (json) printJson({ run, cancelled: true });
    else tell(`${run} is cancelled: agents end what is under way`);
    return 0;
  } catch (error) {
    return reportEnd(interrupt, asUnusable(error), json);
  }
}
