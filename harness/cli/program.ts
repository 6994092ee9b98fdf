import yargs, { type ArgumentsCamelCase, type Argv } from "yargs";
import pkg from "../../package.json" with { type: "json" };
import { HarnessError } from "../base/errors.js";
import { report } from "./terminal/output.js";

/** One file a command: its options, an example, and what it does. @returns the exit code. */
interface Command {
  readonly options: (yargs: Argv) => Argv;
  readonly run: (args: never) => Promise<number>;
}

/** A command, or a word with commands of its own. */
type Row = readonly [command: string, describe: string, does: (() => Promise<Command>) | readonly Row[]];

/** Loaded when used: `--version` and `--help` need none of what a flash needs. */
const COMMANDS: readonly Row[] = [
  ["run [pattern..]", "Run scenarios on a rig; leaves events.jsonl and junit.xml", () => import("./commands/run.js")],
  ["list [pattern..]", "List the cases that a run with the same options would run", () => import("./commands/list.js")],
  ["flash", "Program a firmware, verify it and prove that it boots", () => import("./commands/flash.js")],
  ["verify", "Compare a firmware with what is on the module", () => import("./commands/verify.js")],
  ["erase", "Erase the whole chip or a range, and prove it blank", () => import("./commands/erase.js")],
  [
    "chip",
    "Identity and lock state, boot, reset, boot ROM",
    [
      ["info", "Identity, lock state, flash and fuses", () => import("./commands/chip/info.js")],
      ["boot", "Boot the firmware and tell its banner", () => import("./commands/chip/boot.js")],
      ["reset", "Boot the firmware without waiting for it", () => import("./commands/chip/reset.js")],
      ["enter", "Put the module into its boot ROM", () => import("./commands/chip/enter.js")],
    ],
  ],
  ["read", "Read a range of flash into a file", () => import("./commands/read.js")],
  ["doctor", "Check a rig without driving, resetting or flashing anything", () => import("./commands/doctor.js")],
  [
    "sim",
    "A simulated module behind a serial port of this machine, for any program",
    () => import("./commands/sim.js"),
  ],
  ["report <run>", "Write the reports of a run again, from its events.jsonl", () => import("./commands/report.js")],
  [
    "firmware",
    "Look into firmware packages, or write one",
    [
      ["inspect <path>", "Tell what is in a package or a file", () => import("./commands/firmware/inspect.js")],
      ["lint <path>", "Tell what is wrong with a package or a file", () => import("./commands/firmware/lint.js")],
      ["synth <folder>", "Write a synthetic package", () => import("./commands/firmware/synth.js")],
    ],
  ],
  [
    "rig",
    "Make a rig file, make a rig safe, or have systemd run it",
    [
      ["new <file>", "Write a commented rig file, by question and answer", () => import("./commands/rig/new.js")],
      ["safe", "Put a rig's lines into its safe state", () => import("./commands/rig/safe.js")],
      [
        "install-units",
        "systemd units: safe lines at boot, a run every night",
        () => import("./commands/rig/install-units.js"),
      ],
    ],
  ],
];

/** An option that is no list and comes twice would be a list all the same: which one was meant? */
function refuseTwice(args: Record<string, unknown>, options: object): true {
  // yargs hands over its options here, though its types speak of aliases.
  const { array: lists, key: declared } = options as { array: readonly string[]; key: Record<string, unknown> };
  const twice = Object.keys(declared).find((name) => Array.isArray(args[name]) && !lists.includes(name));
  if (twice !== undefined) throw new HarnessError("USAGE", `--${twice}: given more than once`);
  return true;
}

function addCommands(program: Argv, rows: readonly Row[], ended: (exitCode: number) => void): Argv {
  for (const [command, describe, does] of rows) {
    if (typeof does === "function")
      program.command(
        command,
        describe,
        async (command) => (await does()).options(command),
        async (args: ArgumentsCamelCase) => ended(await (await does()).run(args as never)),
      );
    else program.command(command, describe, (command) => addCommands(command, does, ended));
  }
  return program.demandCommand(1, "Name a command.").recommendCommands();
}

/**
 * The whole program but for its process: what `argv` asks for is done, and all that went wrong is told.
 *
 * @returns the exit code.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = yargs([...argv])
    .scriptName("st67-hil")
    .usage("$0 <command> [options]")
    .version(pkg.version)
    .strict()
    .wrap(Math.min(120, process.stdout.columns ?? 120))
    .parserConfiguration({ "greedy-arrays": false })
    .check(refuseTwice)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new HarnessError("USAGE", message ?? "wrong arguments");
    });
  addCommands(program, COMMANDS, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    // What yargs itself or an option's check found; everything else a command threw.
    const isUsage = error instanceof Error && error.name === "YError";
    return report(
      isUsage ? new HarnessError("USAGE", error.message, { cause: error }) : error,
      argv.includes("--json"),
    );
  }
}
