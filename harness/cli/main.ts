#!/usr/bin/env node
import yargs, { type ArgumentsCamelCase, type Argv } from "yargs";
import { hideBin } from "yargs/helpers";
import pkg from "../../package.json" with { type: "json" };
import { HarnessError } from "../base/errors.js";
import { report } from "./output.js";

/** One file a command: its options, an example, and what it does. @returns the exit code. */
interface Command {
  readonly options: (yargs: Argv) => Argv;
  readonly run: (args: never) => Promise<number>;
}

/** Loaded when used: `--version` and `--help` need none of what a flash needs. */
const COMMANDS: readonly [command: string, describe: string, load: () => Promise<Command>][] = [
  ["run [pattern..]", "Run scenarios on a rig; leaves events.jsonl and junit.xml", () => import("./run.js")],
  ["list [pattern..]", "List the cases that a run with the same options would run", () => import("./list.js")],
  ["flash", "Program a firmware, verify it and prove that it boots", () => import("./flash.js")],
  ["verify", "Compare a firmware with what is on the module", () => import("./verify.js")],
  ["read", "Read a range of flash into a file", () => import("./read.js")],
  ["report <run>", "Write the reports of a run again, from its events.jsonl", () => import("./report.js")],
  ["firmware <action> <folder>", "Work with firmware packages", () => import("./firmware.js")],
];

/** An option that is no list and comes twice would be a list all the same: which one was meant? */
function refuseTwice(args: Record<string, unknown>, options: object): true {
  // yargs hands over its options here, though its types speak of aliases.
  const { array: lists, key: declared } = options as { array: readonly string[]; key: Record<string, unknown> };
  const twice = Object.keys(declared).find((name) => Array.isArray(args[name]) && !lists.includes(name));
  if (twice !== undefined) throw new HarnessError("USAGE", `--${twice}: given more than once`);
  return true;
}

async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = yargs([...argv])
    .scriptName("st67-hil")
    .usage("$0 <command> [options]")
    .version(pkg.version)
    .strict()
    .demandCommand(1, "Name a command.")
    .recommendCommands()
    .wrap(Math.min(120, process.stdout.columns ?? 120))
    .parserConfiguration({ "greedy-arrays": false })
    .check(refuseTwice)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // yargs's own finds come as a message, or as its own error when an option's check threw; the rest a command threw.
      const isUsage = message !== null || error?.name === "YError";
      throw isUsage ? new HarnessError("USAGE", message ?? error?.message ?? "", { cause: error }) : error;
    });
  for (const [command, describe, load] of COMMANDS) {
    program.command(
      command,
      describe,
      async (command) => (await load()).options(command),
      async (args: ArgumentsCamelCase) => {
        exitCode = await (await load()).run(args as never);
      },
    );
  }
  try {
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    return report(error, argv.includes("--json"));
  }
}

process.exitCode = await main(hideBin(process.argv));
