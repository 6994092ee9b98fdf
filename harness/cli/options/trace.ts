import type { Argv } from "yargs";

/** For every command that opens a rig. */
export const withTraceFile = <T>(yargs: Argv<T>) =>
  yargs.option("trace", {
    type: "string",
    requiresArg: true,
    describe: "Record what goes over the wire, and the lines, into this file; see trace --help",
  });
