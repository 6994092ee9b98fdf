import type { Argv } from "yargs";

/** As `REDIS_VARIABLE` of the farm, which a command without `--redis` does not load. */
const VARIABLE = "ST67_HIL_REDIS";

/** Where a farm's Redis is. Without a value, as without the option, the variable says it. */
export const withRedis = <T>(yargs: Argv<T>) =>
  yargs.option("redis", {
    type: "string",
    describe: `Redis of the farm: redis://HOST:PORT/DB, rediss://.. or unix:PATH; default: ${VARIABLE}, which alone may hold a password`,
  });
