import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../../base/errors.js";
import type { Deadline } from "../../../base/time.js";
import type { Rig } from "../../../base/wire.js";
import { startAt } from "../../../flash/start-at.js";
import { refuseUnsafe } from "../../../ncp/allowed.js";
import { type At, openAt } from "../../../ncp/at.js";
import { atBench, loadBench, rigFacts } from "../../bench/workbench.js";
import { withLeave, withRig } from "../../options/options.js";
import { typedLines } from "../../terminal/lines.js";
import { print, printJson, report } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  withLeave(withRig(yargs), "run")
    .positional("command", {
      type: "string",
      array: true,
      default: [] as string[],
      describe: "One AT command each; without any they are read from standard input, a line each",
    })
    .option("no-reset", {
      type: "boolean",
      default: false,
      describe: "Speak with the firmware as it runs; else it is started anew first",
    })
    .example("$0 chip at AT+GMR 'AT+CWNETMODE?' --rig bench-1.yaml", "Which firmware runs, as it says itself");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** What burns, wipes or writes the flash is refused before the rig is touched, and so is a whole list that has it. */
export async function run(args: Args): Promise<number> {
  const { command: commands, json, noReset } = args;
  if (json && commands.length === 0)
    throw new HarnessError("USAGE", "--json: expected the commands as arguments, got none: one document ends no talk");
  for (const command of commands) refuseUnsafe(command);
  const bench = await loadBench(args);
  const leave = { asked: args.leave, usual: "run", worked: "run" } as const;
  return atBench(bench, { what: "chip at", json, leave }, async ({ rig, deadline }) => {
    const at = await begin(rig, !noReset, deadline, json ? undefined : print);
    if (!json && bench.bay.simulated) print(`${rig.name}: a simulated module`);
    if (commands.length === 0) return talk(at, deadline);
    const answers: { command: string; lines: readonly string[] }[] = [];
    for (const command of commands) {
      const lines = await ask(at, command, deadline);
      answers.push({ command, lines });
      if (!json) for (const line of lines) print(line);
    }
    if (json) printJson({ ...rigFacts(bench), answers, events: at.events });
    return 0;
  });
}

async function begin(
  rig: Rig,
  reset: boolean,
  deadline: Deadline,
  told: ((event: string) => void) | undefined,
): Promise<At> {
  const observer = { event: (line: string) => told?.(line) };
  if (!reset || rig.straps === undefined) return openAt(rig, deadline, observer);
  return (await startAt(rig, deadline, observer)).at;
}

/** The lines of an answer as they may be shown: raw bytes of fuses in hexadecimal. */
async function ask(at: At, command: string, deadline: Deadline): Promise<string[]> {
  const { lines } = await at.command(command, deadline);
  return lines.map((line) =>
    line.replace(
      /^(\+EFUSE-R:\d+,)(.*)$/s,
      (_, head: string, raw: string) => head + Buffer.from(raw, "latin1").toString("hex"),
    ),
  );
}

/** As long as lines come. At a terminal what a command got wrong is told, and the next may be typed; a script ends there. */
async function talk(at: At, deadline: Deadline): Promise<number> {
  using typed = typedLines(deadline.signal);
  for (let line = await typed.next(); line !== undefined; line = await typed.next()) {
    if (line === "") continue;
    try {
      for (const answered of await ask(at, line, deadline)) print(answered);
      print("OK");
    } catch (error) {
      if (!typed.byHand || !(error instanceof HarnessError) || !MISTAKES.has(error.code)) throw error;
      report(error, false);
    }
  }
  return 0;
}

/** Behind these the conversation goes on. */
const MISTAKES: ReadonlySet<string> = new Set([
  "USAGE",
  "AT_FORBIDDEN",
  "AT_ERROR",
  "AT_TIMEOUT",
  "AT_MALFORMED",
  "NCP_RESET",
]);
