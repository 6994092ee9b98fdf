import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { HISTORY, withHistory } from "../options/past.js";
import { print, printJson } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  withHistory(yargs)
    .positional("a", { type: "string", demandOption: true, describe: "The run before: its folder, or its id" })
    .positional("b", { type: "string", demandOption: true, describe: "The run now" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 compare out/20261121-020000-a1b2 out/latest", "Exit code 1: something is worse");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ a, b, history: named, json }: Args): Promise<number> {
  const [{ History }, { findRun }, { compareRuns }, { comparisonDocument, comparisonText }, { orWarn }] =
    await Promise.all([
      import("../../history/history.js"),
      import("../past/find.js"),
      import("../../history/comparison.js"),
      import("../terminal/comparison-text.js"),
      import("../past/warn.js"),
    ]);
  const file = named ?? historyBeside(b);
  // Two folders can be compared without any history; it would only tell more.
  const both = [a, b].every((run) => existsSync(join(run, "events.jsonl")));
  using history = await (both ? orWarn("past runs are not asked", () => History.in(file)) : History.in(file));
  const [before, now] = [findRun(a, "the run before", history, file), findRun(b, "the run now", history, file)];
  const compared =
    (await orWarn("past runs are not asked", () =>
      compareRuns(before, now, (...of) => history?.judgements(...of) ?? []),
    )) ?? compareRuns(before, now);
  if (json) printJson(comparisonDocument(compared));
  else for (const line of comparisonText(compared)) print(line);
  return compared.exitCode;
}

/** A run by its id has no folder: its history is where runs go by default. */
const historyBeside = (run: string): string =>
  existsSync(join(run, "events.jsonl")) ? join(dirname(resolve(run)), "history.sqlite") : HISTORY;
