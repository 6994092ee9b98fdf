import type { RunSummary } from "./row.js";

/** Whole milliseconds, never negative: formats that know no others would not be read at all. */
export const wholeMs = (ms: number): number => Math.min(Math.max(0, Math.round(ms)), Number.MAX_SAFE_INTEGER);

/** Milliseconds since 1970 of a place on the run's clock; counted from 1970 on where the run's wall time says nothing. */
export function epochMs({ wallTime }: RunSummary, ms: number): number {
  const start = Date.parse(wallTime);
  return wholeMs((Number.isNaN(start) ? 0 : start) + ms);
}
