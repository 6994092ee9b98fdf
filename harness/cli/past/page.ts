import { dirname, join, resolve } from "node:path";
import type { PagePast } from "../../../reports/page/past.js";
import type { Story } from "../../../reports/story.js";
import { exitCodeOf } from "../../../reports/summary.js";
import { ASIDES } from "../../base/events.js";
import { compareRuns } from "../../history/comparison.js";
import { History } from "../../history/history.js";
import type { JudgedRun } from "../../history/judged.js";
import { selectionOf } from "../../history/selection.js";
import { trendOf } from "../../history/trend.js";
import { judgedRun } from "./find.js";
import { orWarn } from "./warn.js";

/** More nights than fit into a picture. */
const MOST_RUNS = 29;
/** So many stages are followed, those that take most of the time. */
const MOST_STAGES = 3;

/** Where a run in `folder` is booked by default. */
export const historyBeside = (folder: string): string => join(dirname(resolve(folder)), "history.sqlite");

/**
 * What past runs say beside this one, for its page: those of the same cases before it, and what changed against `baseline`
 * or, without one, against the newest of them. A history that cannot be read says nothing; that is a warning.
 *
 * @param file of the history; none: there is nobody to ask.
 */
export async function pagePastOf(story: Story, file: string | undefined, baseline?: JudgedRun): Promise<PagePast> {
  const found = await orWarn("past runs are not asked", async () => {
    using history = file === undefined ? undefined : await History.in(file);
    return history === undefined ? undefined : pastIn(history, story, baseline);
  });
  if (found !== undefined) return found;
  return { comparison: baseline && compareRuns(baseline, judgedRun(story)), runs: [], stages: [] };
}

function pastIn(history: History, story: Story, baseline: JudgedRun | undefined): PagePast {
  const { summary } = story;
  const { runId, wallTime, interrupted, counts } = summary;
  const simulated = summary.rigs.every((rig) => rig.simulated);
  const before = history.runsBefore(wallTime, selectionOf(summary), simulated, MOST_RUNS);
  const other = baseline ?? history.run(before[0]?.runId ?? "");
  const now = judgedRun(story);
  const comparison = other && compareRuns(other, now, (...of) => history.judgements(...of));
  const self = { runId, wallTime, exitCode: exitCodeOf(summary), interrupted, counts };
  return { comparison, runs: [...before.toReversed(), self], stages: stagesOf(history, now, before) };
}

function stagesOf(history: History, now: JudgedRun, before: readonly { readonly runId: string }[]): PagePast["stages"] {
  const passed = now.cases.filter(({ verdict }) => verdict === "passed");
  const sums = new Map<string, number>();
  for (const { stages } of passed) for (const [name, ms] of stages) sums.set(name, (sums.get(name) ?? 0) + ms);
  const own = [...sums].filter(([name]) => !ASIDES.some((aside) => name.startsWith(`${aside}: `)));
  const longest = own.sort(([, a], [, b]) => b - a).slice(0, MOST_STAGES);
  const ids = new Set(before.map(({ runId }) => runId));
  const { runId, wallTime } = now;
  return longest.map(([stage]) => {
    const ours = passed.flatMap(({ firmware, stages }) => {
      const ms = stages.get(stage);
      const { profile = null, version = null, sha256 = null } = firmware ?? {};
      return ms === undefined ? [] : [{ runId, wallTime, profile, version, sha256, ms }];
    });
    return { stage, points: trendOf([...history.stageTimes(stage).filter((each) => ids.has(each.runId)), ...ours]) };
  });
}
