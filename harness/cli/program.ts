import yargs, { type ArgumentsCamelCase, type Argv } from "yargs";
import pkg from "../../package.json" with { type: "json" };
import { HarnessError } from "../base/errors.js";
import { type Row, rowsFor } from "./commands.js";
import { believing, COMPLETE, complete } from "./complete.js";
import { print, report, tell } from "./terminal/output.js";
import { BEGINNINGS, INTRODUCTION, usageError } from "./usage.js";

/** An option that is no list and comes twice would be a list all the same: which one was meant? */
function refuseTwice(args: Record<string, unknown>, options: object): true {
  // yargs hands over its options here, though its types speak of aliases.
  const { array: lists, key: declared } = options as { array: readonly string[]; key: Record<string, unknown> };
  const twice = Object.keys(declared).find((name) => Array.isArray(args[name]) && !lists.includes(name));
  if (twice !== undefined) throw new HarnessError("USAGE", `--${twice}: given more than once`);
  return true;
}

interface Seen {
  /** The command whose words were read last. */
  command: Argv;
  /** As in the help: `st67-hil report <run>`. */
  usage: string;
  exitCode: number;
  /** The line is still being typed: nothing of it is done. */
  readonly typed: boolean;
}

function addCommands(program: Argv, rows: readonly Row[], seen: Seen): Argv {
  const { usage } = seen;
  const isSeen = (command: Argv, words: string) => Object.assign(seen, { command, usage: `${usage} ${words}` });
  for (const [command, describe, does, examples = []] of rows) {
    if (typeof does === "function")
      program.command(
        command,
        describe,
        async (yargs) => {
          isSeen(yargs, command);
          return (await does()).options(yargs);
        },
        async (args: ArgumentsCamelCase) => {
          if (!seen.typed) seen.exitCode = await (await does()).run(args as never);
        },
      );
    else
      program.command(command, describe, (yargs) => {
        isSeen(yargs, command);
        for (const [line, what] of examples) yargs.example(`$0 ${line}`, what);
        return addCommands(yargs, does, seen);
      });
  }
  return program.demandCommand(1, NAMELESS).recommendCommands();
}

const NAMELESS = "Name a command.";

/** yargs takes a lone dash for an option without a name, and forgets it. */
const withInput = (argv: readonly string[]): string[] =>
  argv.map((word) => (argv[0] === "diagnose" && word === "-" ? "/dev/stdin" : word));

/**
 * The whole program but for its process: what `argv` asks for is done, and all that went wrong is told.
 *
 * @returns the exit code.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const typed = argv[0] === COMPLETE;
  const program = withoutHelpInStore((typed ? believing : doubting)(yargs(withInput(argv))))
    .scriptName("st67-hil")
    .usage(INTRODUCTION)
    .alias("h", "help")
    .version(pkg.version)
    .wrap(Math.min(120, process.stdout.columns ?? 120))
    .parserConfiguration({ "greedy-arrays": false, "dot-notation": false, "boolean-negation": false })
    .exitProcess(false)
    .detectLocale(false);
  for (const [line, what] of BEGINNINGS) program.example(`$0 ${line}`, what);
  const seen: Seen = { command: program, usage: "st67-hil", exitCode: 0, typed };
  addCommands(program, rowsFor(typed ? argv.slice(1) : argv, typed), seen);
  if (typed) {
    for (const line of await complete(program, argv.slice(1))) print(line);
    return 0;
  }
  const json = argv.includes("--json");
  try {
    await program.parseAsync();
    return seen.exitCode;
  } catch (error) {
    // What yargs itself or an option's check found; everything else a command threw.
    if (!(error instanceof Misused) && !(error instanceof Error && error.name === "YError")) return report(error, json);
    const { command, usage } = seen;
    const help = await command.getHelp();
    if (error.message === NAMELESS && !json) tell(help);
    return report(usageError(error.message, usage, help, error), json);
  }
}

/**
 * yargs makes the help of every command that it runs, for a failure that shows it: a fourteenth of a flash's start, and more
 * than all of its parsing. What goes wrong here asks for its help itself. Where a later yargs has no such method, it only takes longer.
 */
function withoutHelpInStore(program: Argv): Argv {
  const { getInternalMethods } = program as Argv & { getInternalMethods?(): { getUsageInstance?(): HelpStore } };
  const usage = getInternalMethods?.call(program).getUsageInstance?.();
  if (usage !== undefined) usage.cacheHelpMessage = () => undefined;
  return program;
}

interface HelpStore {
  cacheHelpMessage: () => void;
}

function doubting(program: Argv): Argv {
  return program
    .strict()
    .check(refuseTwice)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new Misused(message ?? "wrong arguments");
    });
}

/** As yargs found it. */
class Misused extends Error {}
