import { describe, test } from "@jest/globals";
import { NO_SMALL_DISK } from "./namespace.js";

/** Behind the name of what is left out on a machine where no small disk can be made: why. */
export const WITHOUT_SMALL_DISK = NO_SMALL_DISK === undefined ? "" : ` (skipped: ${NO_SMALL_DISK})`;

/** A test, or several, that fill a disk of their own. */
export const testWithSmallDisk = NO_SMALL_DISK === undefined ? test : test.skip;
export const describeWithSmallDisk = NO_SMALL_DISK === undefined ? describe : describe.skip;
