import type { Evidence } from "./evidence.js";

/** What one start of the tool has left in a log. */
export type Run = readonly Evidence[];

/**
 * A log by the starts of the tool: scripts of the vendor's start it twice, and people paste one try after the other. A new
 * run begins where a line of a start comes again or too late, and with whatever comes after the tool said how it ended, or that it
 * begins once more.
 * A command line belongs to the run that follows it: it may be no more than somebody's advice below a log.
 */
export function runsOf(evidence: readonly Evidence[]): Run[] {
  const runs: Evidence[][] = [];
  let run: Evidence[] | undefined;
  let ahead: Evidence[] = [];
  for (const one of evidence) {
    const isOver = run?.some(({ type }) => type === "end") ?? false;
    if (one.type === "asked" || (one.type === "trouble" && isOver)) {
      ahead.push(one);
      continue;
    }
    if (run === undefined || beginsAnew(one, run)) {
      run = ahead;
      ahead = [];
      runs.push(run);
    }
    run.push(one);
  }
  // It was started and did not get as far as its first line.
  if (ahead.some(({ type }) => type === "asked") && ahead.at(-1)?.type === "trouble") runs.push(ahead);
  return runs.filter(isOfTheTool);
}

/** Words alone may be anybody's: another flasher says `Verify fail` too. */
const isOfTheTool = (run: Run): boolean =>
  run.some(({ type, atMs }) => (isWork({ type }) || type === "error") && atMs !== undefined) ||
  run.some(({ type }) => type === "start" || type === "asked" || type === "stage" || type === "file");

function beginsAnew(one: Evidence, run: Run): boolean {
  if (one.type === "start") return run.some((past) => (past.type === "start" ? past.step >= one.step : isWork(past)));
  return isWork(one) && one.type !== "end" && run.some(({ type }) => type === "end" || type === "again");
}

/** What only a tool that has started says; a file that is missing is told before. */
const isWork = ({ type }: Pick<Evidence, "type">): boolean =>
  !["start", "asked", "trouble", "error", "boot2", "rate", "again"].includes(type);
