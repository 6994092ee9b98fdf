import { count } from "../../base/count.js";
import { CHANGES, type Change } from "../../history/changes.js";
import type { Comparison } from "../../history/comparison.js";
import type { Judged } from "../../history/judged.js";
import type { StageChange } from "../../stats/compare-times.js";

/** So many cases of one kind are told one by one. */
const SHOWN = 50;
const WORD_CHARS = 15;
const STAGE_CHANGES = ["slower", "faster", "changed, small"] as const;

/** One line a change, and what they come to. */
export function comparisonText({ before, now, changes, timing, doubts }: Comparison): string[] {
  const lines = [`${now.runId} compared with ${before.runId} of ${before.wallTime}:`];
  for (const kind of CHANGES) {
    const all = changes.filter(({ change }) => change === kind);
    for (const each of all.slice(0, SHOWN)) {
      lines.push(`${kind.padEnd(WORD_CHARS)}${each.case}${why(kind, each.now)}`);
      if (each.since !== undefined) lines.push(`${" ".repeat(WORD_CHARS)}${tellSince(each.since)}`);
    }
    if (all.length > SHOWN) lines.push(`${kind.padEnd(WORD_CHARS)}... and ${count(all.length - SHOWN, "case")} more`);
  }
  for (const stage of timing) if (stage.change !== undefined) lines.push(tellStage(stage, stage.change));
  const counts = [
    ...CHANGES.map((kind) => [changes.filter(({ change }) => change === kind).length, kind] as const),
    ...STAGE_CHANGES.map((kind) => {
      const found = timing.filter(({ change }) => change === kind).length;
      return [found, `${found === 1 ? "stage" : "stages"} ${kind}`] as const;
    }),
  ].filter(([number]) => number > 0);
  for (const doubt of doubts) lines.push(`${"in doubt".padEnd(WORD_CHARS)}${doubt}`);
  const none = doubts.length === 0 ? "no change" : "nothing can be told";
  lines.push(counts.length === 0 ? none : counts.map(([number, what]) => `${number} ${what}`).join(", "));
  return lines;
}

/** What went wrong, for those that did; the rest is in the reports. */
function why(kind: Change, now: Judged | undefined): string {
  if (kind === "flaky") return " (passed after an attempt that did not)";
  const message = now?.message?.split("\n", 1)[0] ?? "";
  return now?.code === undefined ? "" : `: ${now.code}: ${message}`;
}

const tellSince = ({ label, passed }: { readonly label: string; readonly passed?: string }): string =>
  `fails since ${label}; ${passed === undefined ? "no older one has passed" : `passed with ${passed}`}`;

function tellStage({ stage, before, after, ratio, low, high, interval }: StageChange, change: string): string {
  const times = `${count(before.n, "time")} before, ${after.n} now`;
  const range = interval === "range" ? "too few to prove it: all within" : "95 % interval";
  return `${change.padEnd(WORD_CHARS)}${stage}: ${percent(ratio)} (${times}, ${range} ${percent(low)} to ${percent(high)})`;
}

const percent = (ratio: number): string => `${ratio < 1 ? "" : "+"}${(100 * (ratio - 1)).toFixed(1)} %`;

/** For programs. */
export function comparisonDocument({ before, now, changes, timing, doubts, exitCode }: Comparison): object {
  return {
    before,
    now,
    exitCode,
    changes: changes.map(({ case: name, change, before: was, now: is, since }) => ({
      case: name,
      change,
      before: was?.verdict,
      now: is?.verdict,
      rig: is?.rig,
      code: is?.code,
      blame: is?.blame,
      message: is?.message,
      firmware: is?.firmware,
      since,
    })),
    timing,
    doubts,
  };
}
