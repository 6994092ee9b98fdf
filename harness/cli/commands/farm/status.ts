import type { ArgumentsCamelCase, Argv } from "yargs";
import { asUnusable } from "../../../farm/trouble.js";
import { openRedis } from "../../farm/redis.js";
import { farmStatus, statusLines } from "../../farm/status.js";
import { withRedis } from "../../options/redis.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";
import { print, printJson } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  withRedis(yargs)
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 farm status --redis redis://farm:6379", "Rigs, what they do, and what waits");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ redis, json }: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    await using client = await openRedis(redis);
    const status = await farmStatus(client);
    if (json) printJson(status);
    else for (const line of statusLines(status)) print(line);
    return 0;
  } catch (error) {
    return reportEnd(interrupt, asUnusable(error), json);
  }
}
