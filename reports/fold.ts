import { AbFold } from "../harness/ab/fold.js";
import { HarnessError } from "../harness/base/errors.js";
import type { Fault, RunEvent, Verdict } from "../harness/base/events.js";
import type { Standing } from "../harness/stress/campaign.js";
import { StressFold } from "../harness/stress/fold.js";
import { type CaseEvent, CaseFold, strayed } from "./case-fold.js";
import type { Attempt, CaseEntry, Row, RunSummary } from "./row.js";

/** A fault in short has no details and so many characters of its message. */
const MESSAGE_CHARS = 1000;

/** A case of the run: while it is open, with all that is known of it. */
interface Draft {
  entry: CaseEntry | undefined;
  fold: CaseFold | undefined;
  /** In short, of one that has ended: those before its last one. */
  attempts: readonly Attempt[];
  /** It was called off, and the run goes on: it may begin anew. */
  isCalledOff?: boolean;
}

/**
 * Folds events as they come, and holds of a case that has ended no more than its entry. What belongs to no known case is
 * passed over, as are types that it does not know.
 */
export class RunFold {
  #started: Extract<RunEvent, { type: "run.started" }> | undefined;
  #ended: Extract<RunEvent, { type: "run.ended" }> | undefined;
  readonly #stress = new StressFold();
  readonly #ab = new AbFold();
  #lastMs = 0;
  readonly #drafts: Draft[] = [];
  /** The latest of each name: a name comes again only after its case has ended. */
  readonly #latest = new Map<string, number>();
  readonly #warnings: string[] = [];
  /** Rigs of a farm that have begun a job: not all were known at the start. */
  readonly #joined = new Map<string, boolean>();
  readonly #retired: { rig: string; fault: Fault }[] = [];
  readonly #lost: { rig: string; fault: Fault }[] = [];
  readonly #strays: { rig: string; fault: Fault }[] = [];
  readonly #wear: RunSummary["wear"][number][] = [];
  readonly #left: RunSummary["left"][number][] = [];
  readonly #leftovers: RunSummary["leftovers"][number][] = [];

  /** @returns the row of a case that has just ended. */
  add(event: RunEvent): Row | undefined {
    this.#lastMs = Math.max(this.#lastMs, event.atMs);
    this.#stress.hear(event);
    this.#ab.hear(event);
    switch (event.type) {
      case "run.started":
        this.#started = event;
        return undefined;
      case "run.resumed":
        this.#ended = undefined;
        this.#left.length = 0;
        for (const draft of this.#drafts) draft.isCalledOff = draft.entry?.verdict === "aborted";
        return undefined;
      case "run.ended":
        this.#ended = event;
        return undefined;
      case "run.warned":
        this.#warnings.push(event.message);
        return undefined;
      case "wear":
        if (event.case === undefined) this.#wear.push(afterCases(event));
        break;
      case "module.left": {
        const { type, seq, atMs, ...left } = event;
        this.#left.push(left);
        return undefined;
      }
      case "job.begun":
        this.#joined.set(event.rig, event.simulated);
        return undefined;
      case "rig.retired":
        this.#retired.push({ rig: event.rig, fault: event.fault });
        return undefined;
      case "lane.lost":
        this.#lost.push({ rig: event.rig, fault: event.fault });
        return undefined;
      case "stray":
        this.#stray(event);
        break;
      case "lane.leftovers": {
        const { case: name, rig, resources } = event;
        this.#leftovers.push({ ...(name !== undefined && { case: name }), rig, resources });
        break;
      }
    }
    return "case" in event && event.case !== undefined ? this.#ofCase(event as CaseEvent) : undefined;
  }

  /** Which of the cases, in their order, an event that was just added belongs to; `undefined`: none. */
  indexOf(event: RunEvent): number | undefined {
    return "case" in event && event.case !== undefined ? this.#latest.get(event.case) : undefined;
  }

  /** Where the cycles of a stress run stand on a rig. */
  standing(rig: string): Standing | undefined {
    return this.#stress.campaign(rig)?.standing;
  }

  /** Milliseconds from the start of the run. */
  sinceStart(atMs: number): number {
    return atMs - (this.#started?.atMs ?? 0);
  }

  /**
   * A case that has started and not ended counts as aborted.
   *
   * @throws HarnessError RUN_UNREADABLE when there was no `run.started`.
   */
  summary(): RunSummary {
    if (this.#started === undefined) {
      throw new HarnessError("RUN_UNREADABLE", "the run has no run.started: nothing tells which run this is");
    }
    const { runId, wallTime, seed, harness, simulated = [], cases: planned } = this.#started;
    const { shard, plan, options, merged, sweep, firmwares = {}, files = {} } = this.#started;
    const [stress, ab] = [this.#stress.result(), this.#ab.result()];
    const known = new Map([
      ...this.#started.rigs.map((name) => [name, simulated.includes(name)] as const),
      ...this.#joined,
    ]);
    const rigs = [...known].map(([name, isSimulated]) => ({ name, simulated: isSimulated }));
    const ms = this.sinceStart(this.#lastMs);
    const cases = this.#drafts.flatMap(({ entry, fold }) => entry ?? (fold === undefined ? [] : inShort(fold.row(ms))));
    const counts: Record<Verdict, number> = { passed: 0, failed: 0, broken: 0, skipped: 0, aborted: 0 };
    for (const { verdict } of cases) counts[verdict] += 1;
    return {
      ...{ runId, wallTime, seed, harness, rigs, planned, firmwares, files },
      ...(shard !== undefined && { shard }),
      ...(plan !== undefined && { plan }),
      ...(options !== undefined && { options }),
      ...(merged !== undefined && { merged }),
      ...(stress !== undefined && { stress }),
      ...(ab !== undefined && { ab }),
      ...(sweep !== undefined && { sweep }),
      interrupted: this.#ended?.interrupted ?? true,
      cases,
      counts,
      flaky: cases.filter(({ flaky }) => flaky !== undefined).length,
      warnings: this.#warnings,
      retired: this.#retired,
      lost: this.#lost,
      strays: this.#strays,
      leftovers: this.#leftovers,
      left: this.#left,
      wear: this.#wear,
      ms,
    };
  }

  #draft(name: string): Draft | undefined {
    return this.#drafts[this.#latest.get(name) ?? -1];
  }

  #ofCase(event: CaseEvent): Row | undefined {
    const begins = event.type === "case.started" || event.type === "case.ended";
    const found = this.#draft(event.case);
    const draft = begins && found?.fold === undefined ? this.#begin(event.case) : found;
    if (draft?.fold === undefined) return undefined;
    draft.fold.add(event, this.sinceStart(event.atMs));
    if (!draft.fold.isOver) return undefined;
    const row = draft.fold.row(this.sinceStart(this.#lastMs));
    draft.entry = inShort(row);
    draft.attempts = row.attempts.map(attemptInShort);
    draft.fold = undefined;
    return row;
  }

  #begin(name: string): Draft {
    const before = this.#draft(name);
    const attempts = before?.isCalledOff ? before.attempts : [];
    const draft: Draft = { entry: undefined, fold: new CaseFold(name, attempts), attempts };
    if (before?.isCalledOff) return Object.assign(before, draft, { isCalledOff: false });
    this.#latest.set(name, this.#drafts.push(draft) - 1);
    return draft;
  }

  /** A case that left an error behind did not pass, even if that shows later. */
  #stray({ case: name, rig, fault }: Extract<RunEvent, { type: "stray" }>): void {
    const draft = name === undefined ? undefined : this.#draft(name);
    if (draft?.entry?.verdict !== "passed") {
      this.#strays.push({ rig, fault });
      return;
    }
    const { flaky, ...entry } = draft.entry;
    if (flaky === "failed") this.#strays.push({ rig, fault });
    draft.entry = { ...entry, ...strayed(draft.attempts, shortened(fault)) };
  }
}

const afterCases = ({ rig = "", chip, first, sectors }: Extract<RunEvent, { type: "wear" }>) => ({
  ...{ rig, chip, first },
  ...(sectors !== undefined && { sectors }),
});

function inShort({ case: name, scenario, rig, verdict, flaky, startMs, ms, reason, fault }: Row): CaseEntry {
  return {
    case: name,
    scenario,
    rig,
    verdict,
    ...(flaky !== undefined && { flaky }),
    startMs,
    ms,
    ...(reason !== undefined && { reason }),
    ...(fault !== undefined && { fault: shortened(fault) }),
  };
}

const attemptInShort = ({ fault, ...attempt }: Attempt): Attempt =>
  fault === undefined ? attempt : { ...attempt, fault: shortened(fault) };

function shortened({ details: _, message, ...fault }: Fault): Fault {
  return { ...fault, message: message.length > MESSAGE_CHARS ? `${message.slice(0, MESSAGE_CHARS)}…` : message };
}
