import { describe, test } from "@jest/globals";

/**
 * For tests that not every machine can run. They are left out there, and their names say why.
 *
 * @param missing what the machine lacks; `undefined`: nothing.
 */
export const where = (missing: string | undefined) => ({
  test: missing === undefined ? test : test.skip,
  describe: missing === undefined ? describe : describe.skip,
  /** Behind the name of each. */
  without: missing === undefined ? "" : ` (skipped: ${missing})`,
});
