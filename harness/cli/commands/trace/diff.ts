import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Trace } from "../../../trace/read.js";
import { print, printJson } from "../../terminal/output.js";
import { traceFile } from "../../trace/file.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("a", traceFile)
    .positional("b", traceFile)
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 trace diff good.jsonl bad.jsonl", "Exit 1 when they differ, 0 when they do not");

type Read = Trace & { readonly file: string };
type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ a, b, json }: Args): Promise<number> {
  const [{ readTrace }, { divergence }] = await Promise.all([
    import("../../../trace/read.js"),
    import("../../../trace/diff.js"),
  ]);
  const traces = [a, b].map((file) => ({ file, ...readTrace(file) })) as [Read, Read];
  const { same, found } = divergence(...traces);
  const cut = traces.filter(({ isCut }) => isCut).map(({ file }) => file);
  if (json) printJson({ equal: found === undefined, same, divergence: found, cut });
  else if (found === undefined) {
    print(`both tell the same ${same} exchanges`);
    for (const file of cut) print(`${file} is cut off there`);
  } else {
    print(`${same} exchanges are the same; then, in exchange ${found.exchange}, ${found.what}:`);
    for (const [file, side] of [[a, found.a] as const, [b, found.b] as const])
      print(`  ${file}: ${side === undefined ? "has ended" : `${side.text} (at ${side.atMs.toFixed(3)} ms)`}`);
  }
  return found === undefined ? 0 : 1;
}
