import type { ArgumentsCamelCase, Argv } from "yargs";
import { count } from "../../../base/count.js";
import { HISTORY, withHistory } from "../../options/past.js";
import { colors, print, printJson, tell } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  withHistory(yargs)
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 history rebuild", "Reads every run beside the history anew");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ history: file = HISTORY, json }: Args): Promise<number> {
  const { rebuildHistory } = await import("../../../history/rebuild.js");
  const { booked, kept, unreadable, aside } = await rebuildHistory(file);
  for (const { folder, error } of unreadable) tell(`warning: ${folder}: not read: ${error.message}`, colors.yellow);
  if (aside !== undefined)
    tell(
      `warning: ${file} was damaged, and lies in ${aside} now: what it knew of rigs that were taken back, and of runs without a folder, is lost`,
      colors.yellow,
    );
  const folders = unreadable.map(({ folder, error }) => ({ folder, message: error.message }));
  if (json) printJson({ history: file, booked, kept, unreadable: folders, aside });
  else print(`${file}: ${count(booked, "run")} read${kept > 0 ? `, ${kept} kept that have no folder any more` : ""}`);
  return 0;
}
