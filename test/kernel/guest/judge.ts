import type { Change } from "./trace.js";

export type LineName = "boot" | "chipEn";

/** A line went to another level, or is driven no longer. */
export interface Edge {
  readonly line: LineName;
  readonly to: Change["to"];
  readonly atMs: number;
}

/** The rig file's reset and strap hold: no pulse may be shorter. */
const LEAST_MS = 100;

/** One strap sequence into the boot ROM, from CHIP_EN high, as the vendor's loader does it. */
const SEQUENCE = [
  { line: "boot", to: "high" },
  { line: "chipEn", to: "low" },
  { line: "chipEn", to: "high" },
  { line: "boot", to: "low" },
] as const satisfies readonly Omit<Edge, "atMs">[];

/** What moved, of all that was written: a level that was there already is no edge. @param start the levels before. */
export function edgesOf(
  changes: readonly Change[],
  lines: ReadonlyMap<number, LineName>,
  start: Readonly<Record<LineName, Change["to"]>>,
): Edge[] {
  const now = { ...start };
  return changes.flatMap(({ number, to, atMs }) => {
    const line = lines.get(number);
    if (line === undefined || now[line] === to) return [];
    now[line] = to;
    return [{ line, to, atMs }];
  });
}

export interface Judgement {
  /** Everything that must not be; empty: all is well. */
  readonly wrong: readonly string[];
  /** CHIP_EN low, of each sequence. */
  readonly resetMs: readonly number[];
  /** BOOT held after CHIP_EN rose, of each sequence. */
  readonly holdMs: readonly number[];
}

/** Holds `edges` against so many strap sequences and nothing else. */
export function judgeStraps(edges: readonly Edge[], sequences: number): Judgement {
  const wrong: string[] = [];
  const resetMs: number[] = [];
  const holdMs: number[] = [];
  for (let at = 0; at < Math.max(edges.length, SEQUENCE.length * sequences); at += SEQUENCE.length) {
    const sequence = at / SEQUENCE.length + 1;
    const found = edges.slice(at, at + SEQUENCE.length);
    const expected = sequence > sequences ? [] : SEQUENCE;
    if (tellEdges(found) !== tellEdges(expected)) {
      wrong.push(`sequence ${sequence}: expected ${tellEdges(expected)}; found ${tellEdges(found)}`);
      break;
    }
    const [, fallen = 0, risen = 0, released = 0] = found.map(({ atMs }) => atMs);
    resetMs.push(risen - fallen);
    holdMs.push(released - risen);
  }
  for (const [what, times] of Object.entries({ "CHIP_EN was low": resetMs, "BOOT was held": holdMs })) {
    const short = times.filter((ms) => ms < LEAST_MS);
    if (short.length > 0)
      wrong.push(`${what} for less than ${LEAST_MS} ms: ${short.map((ms) => ms.toFixed(3)).join(", ")}`);
  }
  return { wrong, resetMs, holdMs };
}

export const tellEdges = (edges: readonly Omit<Edge, "atMs">[]): string =>
  edges.length === 0 ? "nothing" : edges.map(({ line, to }) => `${line} ${to}`).join(", ");

/** The nearest rank of so much of the values: one that was measured. */
export function distribution(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN).toFixed(2);
  return `min ${at(0)}, p50 ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)} ms`;
}
