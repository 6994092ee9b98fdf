import type { Verdict } from "../base/events.js";

/** What a case came to when it was judged last. */
export interface LastJudged {
  readonly name: string;
  readonly verdict: Verdict;
  readonly wallTime: string;
  /** Of the firmware that it proved. */
  readonly sha256: string | null;
}

/** A case that may be run, and what it would prove. */
interface Candidate {
  readonly name: string;
  readonly sha256: string | undefined;
}

/**
 * The cases in groups, those that tell most first, for a time that may not do for all: what did not pass when it was judged
 * last, then what was never judged, or not with this firmware, then what passed, the longest ago first. Those of a group tell
 * as much as each other, and keep their order.
 */
export function byValue<T extends Candidate>(cases: readonly T[], judged: readonly LastJudged[]): T[][] {
  const last = new Map(judged.map((each) => [each.name, each]));
  const rank = ({ name, sha256 }: T): string => {
    const before = last.get(name);
    if (before === undefined) return "1";
    if (before.verdict !== "passed") return "0";
    const isOther = sha256 !== undefined && before.sha256 !== null && sha256 !== before.sha256;
    return isOther ? "1" : `2 ${before.wallTime}`;
  };
  const groups = new Map<string, T[]>();
  for (const one of cases) {
    const group = groups.get(rank(one)) ?? [];
    group.push(one);
    groups.set(rank(one), group);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
