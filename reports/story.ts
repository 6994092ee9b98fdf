import type { RunEvent } from "../harness/base/events.js";
import { type CaseEvent, CaseFold } from "./case-fold.js";
import { RunFold } from "./fold.js";
import { readAgain, readJournal, type Span } from "./read.js";
import type { CaseEntry, Row, RunSummary } from "./row.js";

/** Lines of other cases between two of one case are read with them, up to so many bytes. */
const GAP_BYTES = 4096;

/** When the run began, went on and ended. */
const OF_THE_RUN: readonly RunEvent["type"][] = ["run.started", "run.resumed", "run.ended"];

/**
 * A run as its journal tells it, read twice: first for the summary, then, case by case, for the rows. Reports are written
 * from this, so what they need does not grow with the number of cases but for the entries.
 */
export class Story {
  readonly summary: RunSummary;
  readonly #fold = new RunFold();
  readonly #spans: Span[][] = [];
  readonly #indices: ReadonlyMap<CaseEntry, number>;
  /** Of what belongs to no case. */
  readonly #others: Span[] = [];
  readonly #again: (spans: readonly Span[]) => Iterable<RunEvent>;

  /**
   * @param again gives events once more, by their places.
   * @throws HarnessError RUN_UNREADABLE when there is no `run.started`.
   */
  constructor(
    events: Iterable<Span & { readonly event: RunEvent }>,
    again: (spans: readonly Span[]) => Iterable<RunEvent>,
  ) {
    this.#again = again;
    for (const { event, start, end } of events) {
      this.#fold.add(event);
      const index = this.#fold.indexOf(event);
      if (index !== undefined) this.#note(index, { start, end });
      else if (!OF_THE_RUN.includes(event.type)) this.#others.push({ start, end });
    }
    this.summary = this.#fold.summary();
    this.#indices = new Map(this.summary.cases.map((entry, index) => [entry, index]));
  }

  /** @param entries of `summary.cases`, in any order. */
  *rows(entries: Iterable<CaseEntry> = this.summary.cases): Generator<Row> {
    for (const entry of entries) {
      const fold = new CaseFold(entry.case);
      for (const event of this.events(entry)) fold.add(event, event.atMs);
      yield fold.row(this.summary.ms);
    }
  }

  /** What happened in a case of `summary.cases`, times counted from the start of the run. */
  *events(entry: CaseEntry): Generator<CaseEvent> {
    for (const event of this.#again(this.#spans[this.#indices.get(entry) ?? -1] ?? []))
      if ("case" in event && event.case === entry.case) yield this.#counted(event as CaseEvent);
  }

  /** What belongs to no case, but for when the run began and ended, times as above. */
  *others(): Generator<RunEvent> {
    for (const event of this.#again(this.#others)) yield this.#counted(event);
  }

  #counted<E extends RunEvent>(event: E): E {
    return { ...event, atMs: this.#fold.sinceStart(event.atMs) };
  }

  #note(index: number, { start, end }: Span): void {
    const spans = this.#spans[index] ?? [];
    this.#spans[index] = spans;
    const last = spans.at(-1);
    if (last !== undefined && start - last.end <= GAP_BYTES) spans[spans.length - 1] = { start: last.start, end };
    else spans.push({ start, end });
  }
}

/** The story of the run whose journal is `file`. @throws HarnessError RUN_UNREADABLE. */
export const storyIn = (file: string): Story => new Story(readJournal(file), (spans) => readAgain(file, spans));

/** The story of a run that is in memory. */
export function storyOf(events: readonly RunEvent[]): Story {
  const placed = events.map((event, index) => ({ event, start: index, end: index + 1 }));
  return new Story(placed, (spans) => spans.flatMap(({ start, end }) => events.slice(start, end)));
}
