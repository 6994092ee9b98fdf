import { execFile } from "node:child_process";
import { HarnessError } from "../../harness/base/errors.js";

/** Room for the longest answer asked for here: the tree of production packages, the listing of a package. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Runs a program to its end, without a shell. @returns its standard output.
 *
 * @throws HarnessError DRIVER_MISSING with the end of what it complained of.
 */
export function run(program: string, args: readonly string[], { cwd }: { cwd?: string } = {}): Promise<string> {
  return new Promise((done, fail) => {
    execFile(program, args, { maxBuffer: MOST_BYTES, ...(cwd !== undefined && { cwd }) }, (cause, stdout, stderr) => {
      if (cause === null) return done(stdout);
      const why = stderr.trim().split("\n").slice(-5).join("\n") || cause.message;
      fail(new HarnessError("DRIVER_MISSING", `${program} ${args.slice(0, 3).join(" ")}: ${why}`, { cause }));
    });
  });
}

/** Without the empty ones. */
export const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");
