import type { Argv } from "yargs";
import { refuseCollisions } from "../../base/collisions.js";
import { refuseUnwritable, writePieces } from "../../base/files.js";
import type { Trace } from "../../trace/read.js";

export const traceFile = {
  type: "string",
  demandOption: true,
  describe: "A file that --trace wrote, or trace.jsonl of a case of a run",
} as const;

/** A trace written in another format. */
export const withOut = <T>(yargs: Argv<T>) =>
  yargs.option("out", { type: "string", requiresArg: true, describe: "File to write; default: standard output" });

/** @throws HarnessError USAGE for the trace itself; FILE_UNWRITABLE; TRACE_UNREADABLE. @returns the exit code. */
export async function convert(
  file: string,
  out: string | undefined,
  render: (trace: Trace) => Iterable<string>,
): Promise<number> {
  const { readTrace } = await import("../../trace/read.js");
  refuseCollisions([{ name: "--out", path: out }], [{ name: "the trace", path: file }]);
  if (out !== undefined) refuseUnwritable(out);
  const trace = readTrace(file);
  if (out !== undefined) writePieces(out, render(trace));
  else for (const piece of render(trace)) process.stdout.write(piece);
  return 0;
}
