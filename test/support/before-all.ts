import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Of every property test in `npm test`: what fails there is a change's doing, never the dice's. */
const SEED = "67";

/**
 * Before the first test of a run: tells what its property tests begin from (`FAST_CHECK_SEED` takes another seed), and
 * makes the folder in which all that is temporary is, of the commands too. `after-all.ts` looks at what is left there.
 */
export default function beforeAll(): void {
  const seed = process.env["FAST_CHECK_SEED"] || SEED;
  // fast-check would silently make another number of it.
  if (Number(seed) !== (Number(seed) | 0))
    throw new Error(`FAST_CHECK_SEED: expected a whole number of 32 bits; got ${JSON.stringify(seed)}`);
  process.env["FAST_CHECK_SEED"] = seed;
  console.log(`property tests: seed ${seed}`);
  // A short name: 108 bytes are all that the path of a Unix socket in there may have.
  // The synthetic package is made once, and not in the home of whoever runs the tests.
  process.env["XDG_CACHE_HOME"] = resolve("node_modules/.cache");
  // On GitHub, runs of the tests are not what the step is about.
  delete process.env["GITHUB_STEP_SUMMARY"];
  process.env["TMPDIR"] = mkdtempSync(join(tmpdir(), "st67-"));
}
