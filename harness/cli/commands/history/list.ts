import type { ArgumentsCamelCase, Argv } from "yargs";
import type { BookedRun, History } from "../../../history/history.js";
import { wholeNumber } from "../../options/options.js";
import { HISTORY, withHistory } from "../../options/past.js";
import { print, printJson } from "../../terminal/output.js";
import { table } from "../../terminal/table.js";

export const options = (yargs: Argv) =>
  withHistory(yargs)
    .option("last", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("last", 1),
      // Not of the words that may follow.
      global: false,
      describe: "So many of the newest runs; default: 20, with --json all",
    })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 history", "Newest first")
    .example("$0 history --last 100 --json", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

const SHOWN = 20;

export async function run({ history: file = HISTORY, last, json }: Args): Promise<number> {
  const { openHistory } = await import("../../past/open.js");
  using history = await openHistory(file);
  if (json) {
    const runs = history.runs(last).map((booked) => ({ ...booked, verdict: wordOf(booked) }));
    printJson({
      history: file,
      runs,
      firmwares: history.firmwares(),
      wear: history.wear(),
      retired: history.retired(),
    });
  } else tellHistory(history, last ?? SHOWN);
  return 0;
}

function tellHistory(history: History, most: number): void {
  const runs = history.runs(most);
  const rows = runs.map((booked) => [
    booked.wallTime.replace("T", " ").replace(/(\.\d+)?Z$/, "Z"),
    booked.runId,
    wordOf(booked),
    countsOf(booked),
    booked.firmwares.join(" "),
  ]);
  if (rows.length === 0) print("no run yet");
  else for (const line of table([["when", "run", "verdict", "cases", "firmwares"], ...rows])) print(line);
  const more = history.size - runs.length;
  if (more > 0) print(`... and ${more} older: --last ${history.size} shows all`);
  for (const { chip, erases, sector } of history.wear())
    print(
      `module ${chip}: its most erased sector${sector === undefined ? "" : `, ${sector},`} was erased ${erases} times`,
    );
  for (const { rig, runId, code, message } of history.retired())
    print(`retired ${rig}: by ${runId}: ${code}: ${message}`);
}

/** What the run came to, by its exit code. */
function wordOf({ exitCode, interrupted }: BookedRun): "passed" | "failed" | "broken" | "interrupted" {
  if (interrupted || exitCode > 2) return "interrupted";
  return exitCode === 0 ? "passed" : exitCode === 1 ? "failed" : "broken";
}

function countsOf({ counts, flaky }: BookedRun): string {
  const told = Object.entries(counts).flatMap(([verdict, number]) => (number > 0 ? [`${number} ${verdict}`] : []));
  return [...told, ...(flaky > 0 ? [`${flaky} flaky`] : [])].join(", ");
}
