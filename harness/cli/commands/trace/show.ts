import type { ArgumentsCamelCase, Argv } from "yargs";
import { jsonOf } from "../../../base/clean.js";
import { wholeNumber } from "../../options/options.js";
import { print } from "../../terminal/output.js";
import { traceFile } from "../../trace/file.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("file", traceFile)
    .option("gap", {
      type: "string",
      default: "50",
      requiresArg: true,
      coerce: wholeNumber("gap", 1),
      describe: "A silence of more milliseconds is told",
    })
    .option("json", { type: "boolean", default: false, describe: "JSON Lines: every exchange, line and mark" })
    .example("$0 trace show t01.jsonl", "Commands by their names, with their answers; repeated ones in one line");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ file, gap = 50, json }: Args): Promise<number> {
  const [{ readTrace }, { shownLines, shownObjects }] = await Promise.all([
    import("../../../trace/read.js"),
    import("../../../trace/show.js"),
  ]);
  const trace = readTrace(file);
  if (json) for (const object of shownObjects(trace)) print(jsonOf(object));
  else for (const line of shownLines(trace, gap)) print(line);
  return 0;
}
