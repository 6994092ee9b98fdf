import pc from "picocolors";
import { clean } from "../harness/base/clean.js";
import { count } from "../harness/base/count.js";
import type { Fault, RunEvent, Verdict } from "../harness/base/events.js";
import { abPlanText, abText } from "./ab-text.js";
import { isEndOfLadder } from "./case-fold.js";
import { RunFold } from "./fold.js";
import type { CaseEntry, Row, RunSummary } from "./row.js";
import { campaignText, planText, standingText } from "./stress-text.js";
import { isEmptyShard } from "./summary.js";
import { ascii, duration, firstLine } from "./text.js";

interface ConsoleOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Off: every line is plain ASCII. */
  readonly tty: boolean;
  /** Real time since the start, in ms, of a run whose clocks are simulated modules' own. */
  readonly realMs?: () => number;
  /** Of a run that goes on: what it told before. */
  readonly before?: Iterable<RunEvent>;
}

const VERDICTS = ["passed", "failed", "broken", "aborted", "skipped"] as const satisfies readonly Verdict[];
const WORD_CHARS = 9;
const INDENT = " ".repeat(WORD_CHARS);

/** One line a finished case, what to do about it below, and at the end what counts once more. */
export function consoleReporter({ write, color, tty, realMs, before = [] }: ConsoleOptions): (event: RunEvent) => void {
  const fold = new RunFold();
  for (const event of before) fold.add(event);
  const colors = pc.createColors(color);
  const paint = {
    passed: colors.green,
    failed: colors.red,
    broken: colors.magenta,
    aborted: colors.yellow,
    skipped: colors.dim,
  };
  const safe = tty ? clean : ascii;
  let manyRigs = false;
  let wrongHere = 0;
  const ours = () => (realMs === undefined ? "" : ` of the module's time, ${duration(realMs())} of ours`);

  const word = (verdict: Verdict) => paint[verdict](verdict.padEnd(WORD_CHARS));
  const line = (text: string) => write(`${text}\n`);
  const title = (row: CaseEntry) => safe(firstLine(row.case) + (manyRigs && row.rig !== "" ? ` [${row.rig}]` : ""));

  const tellFault = ({ code, message, advice, diagnosis = [], at }: Fault) => {
    const [first = "", ...more] = shownLines(message).map(safe);
    line(`${INDENT}${colors.bold(safe(code))}: ${first}`);
    for (const each of more) line(`${INDENT}  ${each}`);
    if (at !== undefined) line(`${INDENT}where: ${safe(at)}`);
    line(`${INDENT}${colors.dim(safe(firstLine(advice)))}`);
    for (const each of diagnosis) line(`${INDENT}${colors.dim(safe(firstLine(each)))}`);
  };
  const tellRow = (row: CaseEntry, fault: Fault | undefined, troubles: readonly string[] = [], standing?: string) => {
    const reason = row.reason === undefined ? "" : ` (${safe(firstLine(row.reason))})`;
    const time = row.verdict === "skipped" ? "" : `  ${colors.dim(duration(row.ms))}`;
    const after = row.verdict === "passed" ? tellTroubles(troubles) : "";
    line(`${word(row.verdict)}${title(row)}${time}${reason}${after}${standing === undefined ? "" : `  ${standing}`}`);
    if (fault && isWrong(row)) tellFault(fault);
  };
  /** A fault that was healed within a case that passed is not to be overlooked. */
  const tellTroubles = (troubles: readonly string[]) => {
    // How the ladder ended says more than its first rung.
    const first = troubles.findLast(isEndOfLadder) ?? troubles[0];
    if (first === undefined) return "";
    const shown = safe(firstLine(first)).slice(0, SHOWN_CHARS);
    return paint.aborted(`, after: ${shown}${troubles.length > 1 ? ` (and ${troubles.length - 1} more)` : ""}`);
  };
  const tellSummary = (summary: RunSummary) => {
    // Those that stand right above need not be told once more; of a run that goes on, some were told elsewhere.
    const all = summary.cases.filter(isWrong);
    const isAbove = wrongHere >= all.length && summary.cases.slice(-all.length).every(isWrong);
    const wrong = isAbove ? [] : all.slice(0, SHOWN_CASES);
    line("");
    wrong.forEach((row, i) => {
      tellRow(row, sameFault(row, wrong[i + 1]) ? undefined : row.fault);
    });
    if (wrong.length < all.length && wrong.length > 0) line(`... and ${all.length - wrong.length} more in the reports`);
    const ofRigs = [
      ...summary.retired.map((each) => ({ ...each, what: "retired" })),
      ...summary.strays.map((each) => ({ ...each, what: "stray" })),
    ];
    for (const { what, rig, fault } of ofRigs) {
      line(`${paint.broken(what.padEnd(WORD_CHARS))}${safe(firstLine(rig))}`);
      tellFault(fault);
    }
    for (const { case: name, rig, resources } of summary.leftovers)
      line(`${paint.aborted("left".padEnd(WORD_CHARS))}${safe(firstLine(name ?? rig))}: ${safe(resources.join(", "))}`);
    if (wrong.length + ofRigs.length + summary.leftovers.length > 0) line("");
    const counts = VERDICTS.filter((verdict) => summary.counts[verdict] > 0).map((verdict) =>
      paint[verdict](`${summary.counts[verdict]} ${verdict}`),
    );
    if (summary.flaky > 0) counts.push(paint.aborted(`${summary.flaky} of them flaky`));
    const total = `${count(summary.cases.length, "case")} in ${duration(summary.ms)}${ours()}`;
    line(`${colors.bold(total)}${counts.length > 0 ? `: ${counts.join(", ")}` : ""}`);
    for (const { rig, firmware } of summary.left)
      if (firmware !== undefined)
        line(colors.dim(`${safe(firstLine(rig))}: ${safe(firstLine(firmware))} is on the module`));
    const { shard, stress, ab } = summary;
    const thoughts = [
      ...(stress?.campaigns.map((campaign) => campaignText(campaign, stress.plan)) ?? []),
      ...(ab === undefined ? [] : [abText(ab)]),
    ];
    for (const [head = "", ...more] of thoughts) {
      line(colors.bold(safe(head)));
      for (const each of more) line(`  ${safe(each)}`);
    }
    if (shard !== undefined && isEmptyShard(summary))
      line(`There are fewer cases than shards: shard ${shard.index}/${shard.of} has none.`);
    if (summary.interrupted) line(paint.aborted("The run was interrupted: not every case was run."));
  };

  const standingOf = ({ rig }: CaseEntry): string | undefined => {
    const campaign = fold.standing(rig);
    return campaign && colors.dim(standingText(campaign));
  };
  const tellWaiting = ({ case: name, what, mostMs }: Extract<RunEvent, { type: "waiting" }>) => {
    const most = `${safe(firstLine(what))} is not answered yet; it is waited for ${duration(mostMs)} at most`;
    line(colors.dim(`${"waiting".padEnd(WORD_CHARS)}${safe(firstLine(name))}: ${most}`));
  };

  return (event) => {
    const row = fold.add(event);
    if (row && isWrong(row)) wrongHere++;
    if (row) tellRow(row, row.fault, [...row.attempts.map(tellAttempt), ...row.troubles], standingOf(row));
    if (event.type === "run.started") {
      manyRigs = event.rigs.length > 1;
      const { rigs: names, simulated = [] } = event;
      const named = (rig: string) => safe(firstLine(rig)) + (simulated.includes(rig) ? " (a simulated module)" : "");
      const rigs = names.map(named).join(", ");
      const cases = safe(whatFor(event));
      line(colors.dim(`st67-hil ${safe(event.harness)}: ${cases} on ${rigs}, seed ${event.seed}`));
    }
    if (event.type === "run.resumed") {
      const { harness, runId, rigs, cases, planned, counts } = fold.summary();
      manyRigs = rigs.length > 1;
      const done = cases.length - counts.aborted;
      line(
        colors.dim(
          `st67-hil ${safe(harness)}: goes on with ${safe(runId)}; done: ${done} of ${count(planned, "case")}`,
        ),
      );
    }
    if (event.type === "waiting") tellWaiting(event);
    if (event.type === "run.warned") line(paint.aborted(`warning  ${safe(firstLine(event.message))}`));
    if (event.type === "run.ended") tellSummary(fold.summary());
  };
}

function whatFor({ stress, ab, cases }: Extract<RunEvent, { type: "run.started" }>): string {
  if (stress !== undefined) return planText(stress);
  return ab === undefined ? count(cases, "case") : abPlanText(ab);
}

const tellAttempt = ({ verdict, fault, reason }: Row["attempts"][number], index: number): string =>
  `attempt ${index + 1} ${verdict} (${fault?.code ?? reason ?? "no reason"})`;

/** So many cases that went wrong stand at the end once more. */
const SHOWN_CASES = 100;
const SHOWN_LINES = 12;
const SHOWN_CHARS = 300;

/** As many lines of a message as a screen bears; all of it stands in the reports. */
function shownLines(message: string): string[] {
  const lines = message
    .trim()
    .split("\n")
    .filter((each) => each.trim() !== "");
  const shown = lines
    .slice(0, SHOWN_LINES)
    .map((each) => (each.length > SHOWN_CHARS ? `${each.slice(0, SHOWN_CHARS)}…` : each));
  return lines.length > SHOWN_LINES ? [...shown, `… ${lines.length - SHOWN_LINES} lines more in the reports`] : shown;
}

const isWrong = ({ verdict }: CaseEntry): boolean => verdict !== "passed" && verdict !== "skipped";

/** Told once at the end, below the last of the cases in a row that it stopped. */
const sameFault = ({ fault: a }: CaseEntry, { fault: b }: Partial<CaseEntry> = {}): boolean =>
  a !== undefined && a.code === b?.code && a.message === b.message;
