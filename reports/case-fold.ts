import type { Fault, Measurement, RunEvent, Verdict } from "../harness/base/events.js";
import type { Attempt, Row } from "./row.js";

/** An event that belongs to a case. */
export type CaseEvent = Extract<RunEvent, { case?: string }> & { readonly case: string };

/**
 * A case that left an error behind did not pass, even if that shows later. What an attempt has proved against the module
 * is proved then: nothing has made it flaky.
 */
export function strayed(attempts: readonly Attempt[], stray: Fault): { verdict: Verdict; fault: Fault } {
  const failed = attempts.findLast(({ verdict }) => verdict === "failed");
  return failed === undefined
    ? { verdict: "broken", fault: stray }
    : { verdict: "failed", fault: failed.fault ?? stray };
}

const THE_MODULE_IS = "the module is ";
/** Of the troubles of a case, whether it tells what the recovery ladder came to. */
export const isEndOfLadder = (trouble: string): boolean => trouble.startsWith(THE_MODULE_IS);

/** What one attempt gathers. */
class Gathered {
  readonly measurements: Measurement[] = [];
  readonly stages: Row["stages"][number][] = [];
  readonly notes: string[] = [];
  readonly troubles: string[] = [];
  readonly steps: Row["steps"][number][] = [];
  readonly straps: NonNullable<Row["straps"]>[number][] = [];
}

/** Folds the events of one case, from the first one on. What it does not know it passes over. */
export class CaseFold {
  readonly #case: string;
  #scenario = "";
  #rig = "";
  #startMs = 0;
  #ms = 0;
  #properties: Readonly<Record<string, string>> = {};
  #verdict: Verdict | undefined;
  #reason: string | undefined;
  #fault: Fault | undefined;
  #output: string | undefined;
  #gathered = new Gathered();
  #attachments: Row["attachments"][number][] = [];
  /** Of all attempts: a cell does not forget. */
  readonly #wear: NonNullable<Row["wear"]>[number][] = [];
  readonly #attempts: Attempt[];
  /** An attempt has begun, and not ended. */
  #isUnderWay = false;

  /** @param attempts that there were before the first event. */
  constructor(name: string, attempts: readonly Attempt[] = []) {
    this.#case = name;
    this.#attempts = [...attempts];
  }

  get isOver(): boolean {
    return this.#verdict !== undefined;
  }

  /** @param ms when, counted from the start of the run. */
  add(event: CaseEvent, ms: number): void {
    switch (event.type) {
      case "case.started":
        this.#begin(event, ms);
        this.#properties = event.properties;
        break;
      case "case.retried":
        if (!this.isOver) this.#retry(event, ms);
        break;
      case "case.ended":
        // One that was skipped may end without having started.
        if (!this.#isUnderWay) this.#begin(event, ms);
        this.#verdict = event.verdict;
        this.#ms = ms - this.#startMs;
        this.#reason = event.reason;
        this.#fault = event.fault;
        break;
      case "stray":
        if (this.#verdict === "passed")
          ({ verdict: this.#verdict, fault: this.#fault } = strayed(this.#attempts, event.fault));
        break;
      default:
        this.#gather(event);
    }
  }

  /** @param lastMs when the last event of the run came: an open case has lasted until then, and counts as aborted. */
  row(lastMs: number): Row {
    const { measurements, stages, notes, troubles, steps, straps } = this.#gathered;
    const isOpen = this.#verdict === undefined;
    const failed = this.#attempts.findLast((each) => each.verdict === "failed");
    // What an attempt has proved against the module is not undone by a later one that was cut off.
    const verdict = this.#verdict ?? failed?.verdict ?? "aborted";
    const reason = isOpen ? "interrupted" : this.#reason;
    const fault = isOpen ? failed?.fault : this.#fault;
    return {
      case: this.#case,
      scenario: this.#scenario,
      rig: this.#rig,
      verdict,
      ...(verdict === "passed" && this.#attempts.length > 0 && { flaky: failed === undefined ? "broken" : "failed" }),
      startMs: this.#startMs,
      ms: isOpen ? lastMs - this.#startMs : this.#ms,
      ...(reason !== undefined && { reason }),
      ...(fault !== undefined && { fault }),
      properties: this.#properties,
      measurements,
      stages,
      attachments: this.#attachments,
      notes,
      troubles,
      steps,
      ...(this.#output !== undefined && { output: this.#output }),
      attempts: this.#attempts,
      ...(this.#wear.length > 0 && { wear: this.#wear }),
      ...(straps.length > 0 && { straps }),
    };
  }

  #begin({ scenario, rig }: { readonly scenario: string; readonly rig: string }, ms: number): void {
    // It begins anew: its lane was ended by somebody else, or the run was.
    if (this.#isUnderWay) {
      this.#gathered = new Gathered();
      this.#attachments = [];
      this.#output = undefined;
      this.#verdict = undefined;
    }
    this.#scenario = scenario;
    this.#rig = rig;
    this.#startMs = ms;
    this.#isUnderWay = true;
  }

  #retry({ rig, verdict, reason, fault }: Extract<CaseEvent, { type: "case.retried" }>, ms: number): void {
    this.#attempts.push({
      rig,
      verdict,
      ms: ms - this.#startMs,
      ...(reason !== undefined && { reason }),
      ...(fault !== undefined && { fault }),
    });
    this.#gathered = new Gathered();
    this.#output = undefined;
    this.#startMs = ms;
    this.#isUnderWay = false;
  }

  #gather(event: CaseEvent): void {
    const { measurements, stages, notes, troubles, steps, straps } = this.#gathered;
    switch (event.type) {
      case "step.started":
        steps.push({ step: event.step, ok: undefined });
        break;
      case "step.ended": {
        const open = steps.findLastIndex(({ step, ok }) => step === event.step && ok === undefined);
        steps.splice(open < 0 ? steps.length : open, 1, { step: event.step, ok: event.ok });
        break;
      }
      case "stage": {
        const { stage, ms, bytes } = event;
        stages.push(bytes === undefined ? { stage, ms } : { stage, ms, bytes });
        break;
      }
      case "measurement": {
        const { type, case: of, seq, atMs, ...measurement } = event;
        measurements.push(measurement);
        break;
      }
      case "wear": {
        const { chip, first, sectors } = event;
        this.#wear.push({ rig: this.#rig, chip, first, ...(sectors !== undefined && { sectors }) });
        break;
      }
      case "strap.point": {
        const { type, case: of, seq, atMs, ...point } = event;
        straps.push(point);
        break;
      }
      case "attachment":
        this.#attachments.push({ name: event.name, file: event.file });
        break;
      case "note":
        (event.trouble ? troubles : notes).push(event.message);
        break;
      case "rung":
        troubles.push(`rung ${event.rung}, ${event.what}: ${event.ok ? "helped" : "no help"}`);
        break;
      case "recovered":
        troubles.push(`${THE_MODULE_IS}${event.state} (rung ${event.rung})`);
        break;
      case "output":
        this.#output = event.text;
        break;
      case "lane.leftovers":
        notes.push(`left behind: ${event.resources.join(", ")}`);
        break;
    }
  }
}
