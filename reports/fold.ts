import { HarnessError } from "../harness/base/errors.js";
import type { Fault, Measurement, RunEvent, Verdict } from "../harness/base/events.js";
import type { Row, RunSummary } from "./row.js";

/** A row that is still being written. */
type Draft = Omit<
  Row,
  "verdict" | "ms" | "measurements" | "stages" | "attachments" | "notes" | "troubles" | "steps"
> & {
  verdict: Verdict | undefined;
  ms: number;
  reason?: string;
  fault?: Fault;
  output?: string;
  readonly measurements: Measurement[];
  readonly stages: Row["stages"][number][];
  readonly attachments: Row["attachments"][number][];
  readonly notes: string[];
  readonly troubles: string[];
  readonly steps: Row["steps"][number][];
};

/** Folds events as they come. What belongs to no known case is passed over, as are types that it does not know. */
export class RunFold {
  #started: Extract<RunEvent, { type: "run.started" }> | undefined;
  #ended: Extract<RunEvent, { type: "run.ended" }> | undefined;
  #lastMs = 0;
  readonly #drafts: Draft[] = [];
  /** The latest draft of each name: a name comes again only after its case has ended. */
  readonly #latest = new Map<string, Draft>();
  readonly #retired: { rig: string; fault: Fault }[] = [];
  readonly #lost: { rig: string; fault: Fault }[] = [];
  readonly #strays: { rig: string; fault: Fault }[] = [];
  readonly #leftovers: RunSummary["leftovers"][number][] = [];

  /** @returns the row of a case that has just ended. */
  add(event: RunEvent): Row | undefined {
    this.#lastMs = Math.max(this.#lastMs, event.atMs);
    switch (event.type) {
      case "run.started":
        this.#started = event;
        return undefined;
      case "run.ended":
        this.#ended = event;
        return undefined;
      case "rig.retired":
        this.#retired.push({ rig: event.rig, fault: event.fault });
        return undefined;
      case "stray":
        this.#stray(event);
        return undefined;
      case "lane.lost":
        this.#lost.push({ rig: event.rig, fault: event.fault });
        return undefined;
      case "lane.leftovers":
        this.#leave(event);
        return undefined;
      case "case.started":
        this.#open(event, event.properties);
        return undefined;
      case "case.ended":
        return this.#close(event);
      default:
        if ("case" in event) this.#note(event);
        return undefined;
    }
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
    const { runId, wallTime, seed, harness, simulated = [], atMs } = this.#started;
    const rigs = this.#started.rigs.map((name) => ({ name, simulated: simulated.includes(name) }));
    const rows = this.#drafts.map((draft) => this.#row(draft));
    const counts: Record<Verdict, number> = { passed: 0, failed: 0, broken: 0, skipped: 0, aborted: 0 };
    for (const { verdict } of rows) counts[verdict] += 1;
    const interrupted = this.#ended?.interrupted ?? true;
    const ms = this.#lastMs - atMs;
    const troubles = { retired: this.#retired, lost: this.#lost, strays: this.#strays, leftovers: this.#leftovers };
    return { runId, wallTime, seed, harness, rigs, interrupted, rows, counts, ...troubles, ms };
  }

  #leave({ case: name, rig, resources }: Extract<RunEvent, { type: "lane.leftovers" }>): void {
    this.#leftovers.push({ ...(name !== undefined && { case: name }), rig, resources });
    if (name !== undefined) this.#latest.get(name)?.notes.push(`left behind: ${resources.join(", ")}`);
  }

  /** A case that left an error behind did not pass, even if that shows later. */
  #stray({ case: name, rig, fault }: Extract<RunEvent, { type: "stray" }>): void {
    const draft = name === undefined ? undefined : this.#latest.get(name);
    if (draft?.verdict !== "passed") this.#strays.push({ rig, fault });
    if (draft?.verdict !== "passed") return;
    draft.verdict = "broken";
    draft.fault = fault;
  }

  #open(
    { case: name, scenario, rig, atMs }: { case: string; scenario: string; rig: string; atMs: number },
    properties: Readonly<Record<string, string>>,
  ): Draft {
    const lists = { measurements: [], stages: [], attachments: [], notes: [], troubles: [], steps: [] };
    const startMs = atMs - (this.#started?.atMs ?? 0);
    const draft: Draft = { case: name, scenario, rig, verdict: undefined, startMs, ms: 0, properties, ...lists };
    const open = this.#drafts.findLastIndex((each) => each.case === name && each.verdict === undefined);
    // It begins once more: its lane was ended by somebody else.
    this.#drafts.splice(open < 0 ? this.#drafts.length : open, 1, draft);
    this.#latest.set(name, draft);
    return draft;
  }

  /** A case that was skipped may end without having started. */
  #close(event: Extract<RunEvent, { type: "case.ended" }>): Row {
    const latest = this.#latest.get(event.case);
    const draft = latest !== undefined && latest.verdict === undefined ? latest : this.#open(event, {});
    draft.verdict = event.verdict;
    draft.ms = event.atMs - (this.#started?.atMs ?? 0) - draft.startMs;
    if (event.reason !== undefined) draft.reason = event.reason;
    if (event.fault !== undefined) draft.fault = event.fault;
    return this.#row(draft);
  }

  #note(
    event: Extract<
      RunEvent,
      {
        type:
          | "step.started"
          | "step.ended"
          | "stage"
          | "measurement"
          | "attachment"
          | "note"
          | "rung"
          | "recovered"
          | "output"
          | "line";
      }
    >,
  ): void {
    const draft = this.#latest.get(event.case);
    if (draft === undefined) return;
    switch (event.type) {
      case "step.started":
        draft.steps.push({ step: event.step, ok: undefined });
        break;
      case "step.ended": {
        const open = draft.steps.findLastIndex(({ step, ok }) => step === event.step && ok === undefined);
        draft.steps.splice(open < 0 ? draft.steps.length : open, 1, { step: event.step, ok: event.ok });
        break;
      }
      case "stage": {
        const { stage, ms, bytes } = event;
        draft.stages.push(bytes === undefined ? { stage, ms } : { stage, ms, bytes });
        break;
      }
      case "measurement": {
        const { type, case: of, seq, atMs, ...measurement } = event;
        draft.measurements.push(measurement);
        break;
      }
      case "attachment":
        draft.attachments.push({ name: event.name, file: event.file });
        break;
      case "note":
        (event.trouble ? draft.troubles : draft.notes).push(event.message);
        break;
      case "rung":
        draft.troubles.push(`rung ${event.rung}, ${event.what}: ${event.ok ? "helped" : "no help"}`);
        break;
      case "recovered":
        draft.troubles.push(`the module is ${event.state} (rung ${event.rung})`);
        break;
      case "output":
        draft.output = event.text;
        break;
      case "line":
        break;
    }
  }

  #row(draft: Draft): Row {
    const { verdict, ...rest } = draft;
    if (verdict !== undefined) return { ...rest, verdict };
    const ms = this.#lastMs - (this.#started?.atMs ?? 0) - draft.startMs;
    return { ...rest, verdict: "aborted", ms, reason: "interrupted" };
  }
}
