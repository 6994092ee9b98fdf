import type { Verdict } from "../harness/base/events.js";
import type { Row } from "./row.js";

/** What became of all cases that lead from one firmware to another. */
interface Cell {
  /** The worst of them. */
  readonly verdict: Verdict;
  /** How many came to that, of how many. */
  readonly count: number;
  readonly of: number;
  /** Of the first that failed or broke. */
  readonly code: string | undefined;
}

/** Cases that begin with one firmware on the module and end with another, or the same. */
interface TransitionMatrix {
  /** Labels, in the order in which they came up. */
  readonly firmwares: readonly string[];
  /** `undefined`: no case leads there. */
  cell(before: string, after: string): Cell | undefined;
}

const WORST_FIRST: readonly Verdict[] = ["failed", "broken", "aborted", "skipped", "passed"];

/** @param rows of a run; those that lead nowhere are passed over. */
export function matrixOf(rows: Iterable<Row>): TransitionMatrix {
  const firmwares = new Set<string>();
  const cells = new Map<string, Pick<Row, "verdict" | "fault">[]>();
  for (const { properties, verdict, fault } of rows) {
    const { before, after } = properties;
    if (before === undefined || after === undefined) continue;
    firmwares.add(before).add(after);
    const all = cells.get(keyOf(before, after)) ?? [];
    all.push({ verdict, ...(fault !== undefined && { fault }) });
    cells.set(keyOf(before, after), all);
  }
  return {
    firmwares: [...firmwares],
    cell: (before, after) => {
      const all = cells.get(keyOf(before, after));
      return all && cellOf(all);
    },
  };
}

const keyOf = (before: string, after: string): string => JSON.stringify([before, after]);

function cellOf(all: readonly Pick<Row, "verdict" | "fault">[]): Cell {
  const verdict = WORST_FIRST.find((each) => all.some((one) => one.verdict === each)) ?? "passed";
  const worst = all.filter((one) => one.verdict === verdict);
  const code = worst.find(({ fault }) => fault !== undefined)?.fault?.code;
  return { verdict, count: worst.length, of: all.length, code };
}
