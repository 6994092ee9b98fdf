import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { refuseCollisions } from "../../base/collisions.js";
import { count } from "../../base/count.js";
import { refuseUnwritable } from "../../base/files.js";
import { print, printJson } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("run", { type: "string", demandOption: true, describe: "Folder of the run" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 report out/20261122-171233-4f2a", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ run: folder, json }: Args): Promise<number> {
  const [{ readEvents }, { summarize }, { writeReports }] = await Promise.all([
    import("../../../reports/read.js"),
    import("../../../reports/summary.js"),
    import("../../../reports/write.js"),
  ]);
  const [journal, junit] = [join(folder, "events.jsonl"), join(folder, "junit.xml")];
  const summary = summarize(readEvents(journal));
  refuseCollisions([{ name: "the report", path: junit }], [{ name: "the journal", path: journal }]);
  refuseUnwritable(junit);
  writeReports(folder, summary, {});
  const { interrupted, counts, rigs, rows: cases } = summary;
  if (json) printJson({ folder, rigs, interrupted, counts, cases });
  else print(`${folder}: ${count(cases.length, "case")}${interrupted ? ", interrupted" : ""}; junit.xml written`);
  return 0;
}
