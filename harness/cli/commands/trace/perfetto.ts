import type { ArgumentsCamelCase, Argv } from "yargs";
import { convert, traceFile, withOut } from "../../trace/file.js";

export const options = (yargs: Argv) =>
  withOut(yargs.positional("file", traceFile)).example(
    "$0 trace perfetto t01.jsonl --out t01.json",
    "For ui.perfetto.dev and chrome://tracing",
  );

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ file, out }: Args): Promise<number> {
  const { perfettoOf } = await import("../../../trace/perfetto.js");
  return convert(file, out, perfettoOf);
}
