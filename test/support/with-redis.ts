import { describe, test } from "@jest/globals";
import { NO_REDIS } from "./redis.js";

/** Behind the name of what is left out on a machine without a server: why. */
export const WITHOUT_REDIS = NO_REDIS === undefined ? "" : ` (skipped: ${NO_REDIS})`;

/** A test, or several, that need a Redis of their own. */
export const testWithRedis = NO_REDIS === undefined ? test : test.skip;
export const describeWithRedis = NO_REDIS === undefined ? describe : describe.skip;
