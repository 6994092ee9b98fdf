import type { ArgumentsCamelCase, Argv } from "yargs";
import { convert, traceFile, withOut } from "../../trace/file.js";

export const options = (yargs: Argv) =>
  withOut(yargs.positional("file", traceFile)).example(
    "$0 trace vcd t01.jsonl --out t01.vcd",
    "For GTKWave, Surfer or PulseView; the bits are reconstructed, some 60 times the size of the trace",
  );

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ file, out }: Args): Promise<number> {
  const { vcdOf } = await import("../../../trace/vcd.js");
  return convert(file, out, vcdOf);
}
