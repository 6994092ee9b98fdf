import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../../base/errors.js";
import { didYouMean } from "../../../base/nearest.js";
import { HISTORY, withHistory } from "../../options/past.js";
import { print, printJson } from "../../terminal/output.js";
import { table } from "../../terminal/table.js";

export const options = (yargs: Argv) =>
  withHistory(yargs)
    .positional("stage", { type: "string", demandOption: true, describe: "Name of a stage, as reports have it" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 history trend erase-chip", "Median and count, by run and firmware");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ stage, history: file = HISTORY, json }: Args): Promise<number> {
  const [{ openHistory }, { trendOf }] = await Promise.all([
    import("../../past/open.js"),
    import("../../../history/trend.js"),
  ]);
  using history = await openHistory(file);
  const points = trendOf(history.stageTimes(stage));
  if (points.length === 0) throw unknown(stage, file, history.stageNames());
  if (json) printJson({ history: file, stage, runs: points });
  else {
    const rows = points.map(({ wallTime, runId, firmware = "-", medianMs, count }) => [
      ...[wallTime.replace("T", " ").replace(/(\.\d+)?Z$/, "Z"), runId, firmware],
      ...[`${medianMs.toFixed(1)} ms`, `${count}`],
    ]);
    for (const line of table([["when", "run", "firmware", "median", "cases"], ...rows])) print(line);
  }
  return 0;
}

function unknown(stage: string, file: string, names: readonly string[]): HarnessError {
  const message = names.includes(stage)
    ? `${file}: no case with the stage ${JSON.stringify(stage)} has passed`
    : `${file}: no stage is called ${JSON.stringify(stage)}${didYouMean(stage, names)}`;
  return new HarnessError("USAGE", message, {
    advice: names.length === 0 ? "No run has told of a stage yet." : `There are: ${names.join(", ")}.`,
    details: { stages: names },
  });
}
