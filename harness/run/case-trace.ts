import { rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { HarnessError } from "../base/errors.js";
import type { Aside, Fact, Outcome, Verdict } from "../base/events.js";
import { told } from "../base/files.js";
import type { Bay, Rig } from "../base/wire.js";
import { diagnosisOf } from "../diagnose/of-failure.js";
import type { Observer } from "../session/stage.js";
import { Recorder } from "../trace/recorder.js";
import { withTrace } from "../trace/traced-rig.js";
import type { Context, Keep } from "./context.js";
import { type Evidence, TRACE } from "./evidence.js";

/** The wire trace of one attempt at a case, in the case's folder. Without a folder or room for it the case goes on. */
export class CaseTrace implements Disposable {
  readonly #evidence: Evidence;
  readonly #keep: Keep;
  readonly #name: string;
  readonly #recorder: Recorder | undefined;

  /** @param bay whose rig is about to be opened. */
  constructor(name: string, bay: Bay, { clock, traces }: Context, evidence: Evidence) {
    this.#name = name;
    this.#evidence = evidence;
    this.#keep = traces?.keep ?? "all";
    if (traces === undefined) return;
    const lost = (message: string) => evidence.emit({ type: "note", case: name, message, trouble: true });
    try {
      const header = { harness: traces.harness, rig: bay.name, simulated: bay.simulated, side: "host" } as const;
      this.#recorder = new Recorder(evidence.reserved(TRACE), header, clock, lost);
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      lost(`no trace: ${error.message}`);
      return;
    }
    this.#recorder.begin("case", name);
    evidence.heard = (fact) => this.#mark(fact);
  }

  of(rig: Rig): Rig {
    return this.#recorder === undefined ? rig : withTrace(rig, this.#recorder);
  }

  /** Stages end as their facts tell; that they begin no fact tells. */
  begun(observer: Observer, aside?: Aside): Observer {
    return {
      ...observer,
      begin: (stage) => {
        this.#recorder?.begin("stage", aside ? `${aside}: ${stage}` : stage);
        observer.begin?.(stage);
      },
    };
  }

  /** A failure, with what the wire tells of it up to now. */
  diagnosed(outcome: Outcome): Outcome {
    const { fault } = outcome;
    const recent = this.#recorder?.recent;
    if (fault === undefined || fault.diagnosis !== undefined || recent === undefined) return outcome;
    const diagnosis = diagnosisOf(fault, recent);
    return diagnosis.length === 0 ? outcome : { ...outcome, fault: { ...fault, diagnosis } };
  }

  /** The rig is safe. What is not to be kept is gone then; what is kept is told. */
  end(verdict: Verdict): void {
    this[Symbol.dispose]();
    const { path } = this.#recorder ?? {};
    if (path === undefined) return;
    if (this.#keep === "all" || verdict !== "passed") this.#evidence.tell(TRACE);
    else {
      told(() => rmSync(path));
      // There may be other things in it.
      told(() => rmdirSync(dirname(path)));
    }
  }

  [Symbol.dispose](): void {
    this.#evidence.heard = undefined;
    this.#recorder?.end("case", this.#name);
    this.#recorder?.[Symbol.dispose]();
  }

  #mark(fact: Fact): void {
    const recorder = this.#recorder;
    if (fact.type === "step.started") recorder?.begin("step", fact.step);
    else if (fact.type === "step.ended") recorder?.end("step", fact.step);
    else if (fact.type === "stage") recorder?.end("stage", fact.stage);
    else if (fact.type === "note") recorder?.mark({ type: "note", text: fact.message });
  }
}
