import { NO_REDIS } from "./redis.js";
import { where } from "./where.js";

/** Tests that need a Redis of their own, one or several. */
export const { test: testWithRedis, describe: describeWithRedis, without: WITHOUT_REDIS } = where(NO_REDIS);
