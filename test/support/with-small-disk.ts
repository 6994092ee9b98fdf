import { NO_SMALL_DISK } from "./namespace.js";
import { where } from "./where.js";

/** Tests that fill a disk of their own, one or several. */
export const {
  test: testWithSmallDisk,
  describe: describeWithSmallDisk,
  without: WITHOUT_SMALL_DISK,
} = where(NO_SMALL_DISK);
