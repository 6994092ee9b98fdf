import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { refuseCollisions } from "../../base/collisions.js";
import { count } from "../../base/count.js";
import { refuseUnwritable } from "../../base/files.js";
import { print } from "../terminal/output.js";
import { printStory } from "../terminal/story-json.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("run", { type: "string", demandOption: true, describe: "Folder of the run" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 report out/20261122-171233-4f2a", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ run: folder, json }: Args): Promise<number> {
  const [{ storyIn }, { writeReports }] = await Promise.all([
    import("../../../reports/story.js"),
    import("../../../reports/write.js"),
  ]);
  const [journal, junit] = [join(folder, "events.jsonl"), join(folder, "junit.xml")];
  const story = storyIn(journal);
  refuseCollisions([{ name: "the report", path: junit }], [{ name: "the journal", path: journal }]);
  refuseUnwritable(junit);
  writeReports(folder, story);
  const { interrupted, cases } = story.summary;
  if (json) printStory(story, { folder });
  else print(`${folder}: ${count(cases.length, "case")}${interrupted ? ", interrupted" : ""}; junit.xml written`);
  return 0;
}
