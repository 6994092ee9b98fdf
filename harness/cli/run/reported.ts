import { join } from "node:path";
import { storyIn } from "../../../reports/story.js";
import { exitCodeOf } from "../../../reports/summary.js";
import { writeReports } from "../../../reports/write.js";
import { HarnessError } from "../../base/errors.js";
import { warn } from "../past/warn.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { print, printJson, report } from "../terminal/output.js";
import { printStory } from "../terminal/story-json.js";
import type { Course } from "./course.js";
import type { Place } from "./outputs.js";
import type { Past } from "./past.js";
import { prune } from "./prune.js";
import type { Record } from "./record.js";
import { tellStep } from "./step-summary.js";

/** How the end of a run is told. */
export interface Telling {
  readonly json: boolean;
  readonly junit?: string | undefined;
  readonly attachmentBase?: string | undefined;
  /** So many runs are left beside this one. */
  readonly keep?: number | undefined;
}

/** Writes the reports of a run that has ended, tells what it came to, and books it. @returns the exit code. */
export async function reported(
  { json, junit, attachmentBase, keep }: Telling,
  { runId, folder, shown }: Place,
  record: Record,
  interrupt: Interrupt,
  past: Past,
  course?: Course,
): Promise<number> {
  const failures: unknown[] = record.failures.map(
    (cause) => new HarnessError("REPORT_FAILED", String(cause), { cause }),
  );
  const story = storyIn(join(folder, "events.jsonl"));
  const before = await past.page(story);
  try {
    await writeReports(folder, story, { junitFile: junit, attachmentBase, past: before });
  } catch (error) {
    failures.push(error);
  }
  tellStep(story);
  const compared = await past.compared(story);
  const own = course?.told(story);
  const facts = { runId, folder: shown, ...compared.document };
  if (!json) tellLines([...(own?.lines ?? []), `reports are in ${shown}`, ...compared.lines]);
  else if (own === undefined) printStory(story, facts);
  else printJson({ ...own.document, ...facts });
  if (record.lost !== undefined) failures.unshift(record.lost);
  else if (interrupt.exitCode === 2) failures.unshift(interrupt.signal.reason);
  if (failures.length > 0) report(new AggregateError(failures), false);
  const exitCode = interrupt.exitCode ?? (failures.length > 0 ? 2 : exitCodeOf(story.summary));
  await past.book(() => story, shown, exitCode);
  if (keep !== undefined) for (const error of prune(folder, keep, past.baseline)) warn("an old run stays", error);
  return exitCode;
}

const tellLines = (lines: readonly string[]): void => {
  for (const line of lines) print(line);
};
