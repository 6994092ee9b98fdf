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
 * The order in which cases tell most, for a time that may not do for all: what did not pass when it was judged last, then
 * what was never judged, or not with this firmware, then what passed, the longest ago first. Equals keep their order.
 */
export function byValue<T extends Candidate>(cases: readonly T[], judged: readonly LastJudged[]): T[] {
  const last = new Map(judged.map((each) => [each.name, each]));
  const rank = ({ name, sha256 }: T): string => {
    const before = last.get(name);
    if (before === undefined) return "1";
    if (before.verdict !== "passed") return "0";
    const isOther = sha256 !== undefined && before.sha256 !== null && sha256 !== before.sha256;
    return isOther ? "1" : `2 ${before.wallTime}`;
  };
  return cases
    .map((one) => ({ one, rank: rank(one) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
    .map(({ one }) => one);
}
