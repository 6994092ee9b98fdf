import type { Verdict } from "../base/events.js";
import type { Judged } from "./judged.js";

/**
 * What became of a case: `regressed`: passed before, failed now. `new`: failed now, and was not there or not judged before.
 * `fixed`: failed before, passed now. `still failing`. `flaky`: passed now, after an attempt that did not. `malfunctioned`:
 * judged before, and now broken or aborted, which says nothing of the firmware. `not run`: there before, and now missing
 * or skipped.
 */
export type Change = "regressed" | "new" | "fixed" | "still failing" | "flaky" | "malfunctioned" | "not run";

/** The order in which they are told: what is to be looked at first comes first. */
export const CHANGES = [
  "regressed",
  "new",
  "still failing",
  "malfunctioned",
  "flaky",
  "fixed",
  "not run",
] as const satisfies readonly Change[];

export interface ChangedCase {
  readonly case: string;
  readonly change: Change;
  /** Missing for a case that was not there, or is not. */
  readonly before?: Judged;
  readonly now?: Judged;
}

/** The cases of which something is to be told, in the order of the run, those that are missing now at the end. */
export function changesOf(before: readonly Judged[], now: readonly Judged[]): ChangedCase[] {
  const [old, young] = [byName(before), byName(now)];
  return [...new Set([...young.keys(), ...old.keys()])].flatMap((name) => {
    const [was, is] = [old.get(name), young.get(name)];
    const change = changeOf(was, is);
    if (change === undefined) return [];
    return [{ case: name, change, ...(was !== undefined && { before: was }), ...(is !== undefined && { now: is }) }];
  });
}

/** A name comes again after its case has ended: the last one counts. */
export const byName = (cases: readonly Judged[]): Map<string, Judged> =>
  new Map(cases.map((each) => [each.name, each]));

function changeOf(before: Judged | undefined, now: Judged | undefined): Change | undefined {
  const was = before?.verdict;
  switch (now?.verdict) {
    case "failed":
      if (was === "passed") return "regressed";
      return was === "failed" ? "still failing" : "new";
    case "passed":
      if (now.flaky !== undefined) return "flaky";
      return was === "failed" ? "fixed" : undefined;
    case "broken":
    case "aborted":
      return isJudged(was) ? "malfunctioned" : undefined;
    case "skipped":
    case undefined:
      return was === undefined || was === "skipped" ? undefined : "not run";
  }
}

export const isJudged = (verdict: Verdict | undefined): boolean => verdict === "passed" || verdict === "failed";

/** 1: the firmware does worse than before; 2: it was not judged where it was before; 0: neither. */
export function exitCodeOfChanges(changes: readonly { readonly change: Change }[]): 0 | 1 | 2 {
  const kinds = new Set(changes.map(({ change }) => change));
  if (kinds.has("regressed") || kinds.has("new")) return 1;
  return kinds.has("malfunctioned") ? 2 : 0;
}
