import { join, resolve } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { refuseCollisions } from "../../base/collisions.js";
import { count } from "../../base/count.js";
import { refuseUnwritable } from "../../base/files.js";
import { attachmentBase } from "../options/options.js";
import { print } from "../terminal/output.js";
import { printStory } from "../terminal/story-json.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("run", { type: "string", demandOption: true, describe: "Folder of the run" })
    .option("attachment-base", attachmentBase)
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .option("open", {
      type: "boolean",
      default: false,
      describe: "Print the path of report.html, and show it where there is a desktop",
    })
    .example("$0 report out/20261122-171233-4f2a", "")
    .example("$0 report out/latest --open", "See what came of the newest run")
    .example("$0 report merge --out out/all out/part-1 out/part-2", "Join runs into one: see its --help");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ run: folder, json, open, attachmentBase: base }: Args): Promise<number> {
  const [{ storyIn }, { PAGE, REPORT_NAMES, writeReports }, { historyBeside, pagePastOf }] = await Promise.all([
    import("../../../reports/story.js"),
    import("../../../reports/write.js"),
    import("../past/page.js"),
  ]);
  const journal = join(folder, "events.jsonl");
  const story = storyIn(journal);
  const reports = REPORT_NAMES.map((name) => ({ name: "the report", path: join(folder, name) }));
  refuseCollisions(reports, [{ name: "the journal", path: journal }]);
  for (const { path } of reports) refuseUnwritable(path);
  await writeReports(folder, story, { attachmentBase: base, past: await pagePastOf(story, historyBeside(folder)) });
  const { interrupted, cases } = story.summary;
  const page = resolve(folder, PAGE);
  const cut = interrupted ? ", interrupted" : "";
  if (json) printStory(story, { folder });
  else if (open) print(page);
  else print(`${folder}: ${count(cases.length, "case")}${cut}; ${REPORT_NAMES.join(", ")} written`);
  if (open) (await import("../terminal/desktop.js")).showOnDesktop(page);
  return 0;
}
