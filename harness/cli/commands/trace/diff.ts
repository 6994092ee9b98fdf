import type { ArgumentsCamelCase, Argv } from "yargs";
import { print, printJson } from "../../terminal/output.js";
import { traceFile } from "../../trace/file.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("a", traceFile)
    .positional("b", traceFile)
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 trace diff good.jsonl bad.jsonl", "Exit 1 when they differ, 0 when they do not");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ a, b, json }: Args): Promise<number> {
  const [{ readTrace }, { divergence }] = await Promise.all([
    import("../../../trace/read.js"),
    import("../../../trace/diff.js"),
  ]);
  const { same, found } = divergence(readTrace(a), readTrace(b));
  if (json) printJson({ equal: found === undefined, same, divergence: found });
  else if (found === undefined) print(`both tell the same ${same} exchanges`);
  else {
    print(`${same} exchanges are the same; then, in exchange ${found.exchange}, ${found.what}:`);
    for (const [file, side] of [[a, found.a] as const, [b, found.b] as const])
      print(`  ${file}: ${side === undefined ? "has ended" : `${side.text} (at ${side.atMs.toFixed(3)} ms)`}`);
  }
  return found === undefined ? 0 : 1;
}
