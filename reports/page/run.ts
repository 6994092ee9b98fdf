import type { Verdict } from "../../harness/base/events.js";
import { type CaseEvent, CaseFold, isEndOfLadder } from "../case-fold.js";
import { cleaned } from "../json.js";
import type { CaseEntry, Row, RunSummary } from "../row.js";
import type { Story } from "../story.js";
import { NO_FILES, type PageFiles } from "./files.js";
import type { PagePast } from "./past.js";

/** A stage with its place on the run's clock. */
export interface TimedStage {
  readonly stage: string;
  readonly startMs: number;
  readonly ms: number;
  readonly bytes?: number;
}

/** A case in full, and when its stages were. */
export interface Told {
  readonly row: Row;
  readonly stages: readonly TimedStage[];
}

/** What makes a case that passed worth a look. */
export const MARKS = ["flaky", "recovered", "unproven"] as const;
export type MarkOf = (typeof MARKS)[number];

/** What the sections of a page are made of. Every text in it may be shown: it is cleaned once, here. */
export interface PageRun {
  readonly summary: RunSummary;
  readonly past: PagePast;
  readonly files: PageFiles;
  /** Of each case that has any, by its place. */
  readonly marks: ReadonlyMap<number, readonly MarkOf[]>;
  /** Each once more from the journal, in their order. */
  rows(isWanted?: (entry: CaseEntry) => boolean): Iterable<Row>;
  told(index: number): Told;
}

const NO_PAST: PagePast = { runs: [], stages: [] };

export function pageRunOf(story: Story, files: PageFiles = NO_FILES, past: PagePast = NO_PAST): PageRun {
  const summary = cleaned(story.summary);
  const rows = function* (isWanted: (entry: CaseEntry) => boolean = () => true) {
    for (const row of story.rows(story.summary.cases.filter(isWanted))) yield cleaned(row);
  };
  const told = (index: number): Told => {
    const entry = story.summary.cases[index];
    if (entry === undefined) throw new RangeError(`case ${index} of ${story.summary.cases.length}`);
    return toldOf(entry, story.events(entry), story.summary.ms);
  };
  const marks = new Map<number, readonly MarkOf[]>();
  let index = 0;
  for (const row of rows()) {
    const found = marksOf(row);
    if (found.length > 0) marks.set(index, found);
    index++;
  }
  return { summary, past: cleaned(past), files, marks, rows, told };
}

function marksOf({ verdict, flaky, troubles, reason }: Row): MarkOf[] {
  const passed = verdict === "passed";
  return [
    ...(flaky === undefined ? [] : ["flaky" as const]),
    ...(passed && troubles.some(isEndOfLadder) ? ["recovered" as const] : []),
    ...(passed && reason !== undefined ? ["unproven" as const] : []),
  ];
}

function toldOf(entry: CaseEntry, events: Iterable<CaseEvent>, lastMs: number): Told {
  const fold = new CaseFold(entry.case);
  let stages: TimedStage[] = [];
  for (const event of events) {
    fold.add(event, event.atMs);
    if (event.type === "case.started") stages = [];
    if (event.type !== "stage") continue;
    const { stage, ms, bytes, atMs } = event;
    stages.push({ stage, startMs: atMs - ms, ms, ...(bytes !== undefined && { bytes }) });
  }
  return cleaned({ row: fold.row(lastMs), stages });
}

/** Worst first: the order in which a person wants to see them. */
export const VERDICTS = ["failed", "broken", "aborted", "skipped", "passed"] as const satisfies readonly Verdict[];

/** Where on the page a case stands. */
export const placeOf = (index: number): string => `case-${index + 1}`;
