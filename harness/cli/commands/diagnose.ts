import { isatty } from "node:tty";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../base/errors.js";
import { print, printJson, tell } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("file", {
      type: "string",
      demandOption: true,
      describe: "Log of the vendor's tool, or a trace of ours; - for standard input",
    })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 diagnose flash.log", "What the tool's log tells; exit 0 whatever that is, 2 when it cannot be read")
    .example("$0 diagnose - < flash.log", "The same from standard input");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ file, json }: Args): Promise<number> {
  const [{ diagnose }, { evidenceIn, evidenceInFile, EXPECTED, MOST_BYTES }] = await Promise.all([
    import("../../diagnose/diagnose.js"),
    import("../../diagnose/read.js"),
  ]);
  const { evidence, places } =
    file === INPUT ? evidenceIn(await readInput(MOST_BYTES, EXPECTED), TOLD) : evidenceInFile(file);
  const diagnosis = diagnose(evidence);
  if (json) printJson(diagnosis);
  else {
    const { diagnosisLines } = await import("../terminal/diagnosis-text.js");
    for (const line of diagnosisLines(diagnosis, places)) print(line);
  }
  return 0;
}

/** What `-` means. */
const INPUT = "/dev/stdin";
const TOLD = "standard input";

async function readInput(mostBytes: number, what: string): Promise<Buffer> {
  if (isatty(0)) tell("reading the log from the terminal: Ctrl-D ends it");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes <= mostBytes) continue;
    process.stdin.destroy();
    throw new HarnessError(
      "FILE_UNREADABLE",
      `${TOLD}: expected ${what}, got more than the ${mostBytes} bytes that are read`,
    );
  }
  return Buffer.concat(chunks);
}
