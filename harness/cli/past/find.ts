import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { type Story, storyIn } from "../../../reports/story.js";
import { HarnessError } from "../../base/errors.js";
import { didYouMean } from "../../base/nearest.js";
import type { History } from "../../history/history.js";
import { type JudgedRun, judgedOf } from "../../history/judged.js";

export const judgedRun = (story: Story): JudgedRun => {
  const { runId, wallTime, rigs, interrupted } = story.summary;
  return {
    runId,
    wallTime,
    interrupted,
    simulated: rigs.every(({ simulated }) => simulated),
    cases: Array.from(story.rows(), judgedOf),
  };
};

/**
 * A run by its folder or, where that is gone, by its id.
 *
 * @param option what the user called it by, for the message.
 * @throws HarnessError RUN_UNREADABLE.
 */
export function findRun(run: string, option: string, history: History | undefined, file: string): JudgedRun {
  const journal = join(run, "events.jsonl");
  if (existsSync(journal)) return judgedRun(storyIn(journal));
  // The id of a part has a slash in it.
  const found = history?.run(run) ?? history?.run(basename(run));
  if (found !== undefined) return found;
  const known = history === undefined ? `there is no ${file}` : `${file} knows no run of this id`;
  const near = didYouMean(basename(run), history?.runIds() ?? []);
  throw new HarnessError("RUN_UNREADABLE", `${option} ${run}: no events.jsonl is in there, and ${known}${near}`, {
    advice: "Name the folder of a run, or the id of one that `st67-hil history` shows.",
  });
}
