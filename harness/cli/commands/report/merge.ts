import { join, resolve } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { refuseCollisions } from "../../../base/collisions.js";
import { count } from "../../../base/count.js";
import { refuseUnwritableFolder } from "../../../base/folders.js";
import { attachmentBase } from "../../options/options.js";
import { refuseUsed } from "../../run/outputs.js";
import { print, tell } from "../../terminal/output.js";
import { printStory } from "../../terminal/story-json.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("runs", { type: "string", array: true, demandOption: true, describe: "Folders of the runs" })
    .option("out", { type: "string", requiresArg: true, demandOption: true, describe: "Folder of the merged run" })
    .option("attachment-base", attachmentBase)
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 report merge --out out/nightly out/shard-1 out/shard-2", "Two shards of one run")
    .example("$0 report merge --out out/all out/bench-1 out/bench-2", "Runs of different rigs");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** So many attachments that are missing are told; each stands in the merged run. */
const MOST_TOLD = 10;

export async function run({ runs, out, json, attachmentBase: base }: Args): Promise<number> {
  const [{ storyIn }, { mergeOf }, { writeMerged }, { REPORT_NAMES, writeReports }, past] = await Promise.all([
    import("../../../../reports/story.js"),
    import("../../../../reports/merge.js"),
    import("../../../../reports/merge-write.js"),
    import("../../../../reports/write.js"),
    import("../../past/page.js"),
  ]);
  refuseUsed({ folder: resolve(out), shown: out });
  const inputs = runs.map((path) => ({ name: "the run", path }));
  refuseCollisions([{ name: "--out", path: out }], inputs);
  refuseUnwritableFolder(out);
  const merger = mergeOf(runs.map((folder) => ({ folder, story: storyIn(join(folder, "events.jsonl")) })));
  for (const text of merger.told) tell(text);
  const lost = writeMerged(merger, out);
  for (const text of lost.slice(0, MOST_TOLD)) tell(text);
  if (lost.length > MOST_TOLD) tell(`and ${count(lost.length - MOST_TOLD, "attachment")} more: see the merged run`);
  const story = storyIn(join(out, "events.jsonl"));
  const before = await past.pagePastOf(story, past.historyBeside(out));
  await writeReports(out, story, { attachmentBase: base, past: before });
  const { interrupted, cases } = story.summary;
  if (json) printStory(story, { folder: out });
  else {
    const cut = interrupted ? ", interrupted" : "";
    const of = `${count(cases.length, "case")} of ${count(runs.length, "run")}`;
    print(`${out}: ${of}${cut}; events.jsonl, ${REPORT_NAMES.join(", ")} written`);
  }
  return 0;
}
