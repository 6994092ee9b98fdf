import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Fact, Outcome, RunEvent } from "../base/events.js";
import { faultOf } from "../run/outcome.js";
import type { CaseState, JobState } from "./job-state.js";
import type { FarmCase, FarmJob, Order, Told } from "./messages.js";

/**
 * What became of a run, told by its stream: the same entries always give the same events. Nothing is decided here; what a clerk
 * decides stands in the stream, too, so that another one can go on.
 */
export class Book {
  readonly cases = new Map<string, CaseState>();
  readonly jobs = new Map<number, JobState>();
  /** Rigs that have begun a job. */
  readonly rigs = new Map<string, { readonly simulated: boolean }>();
  /** Of the last entry in the stream. */
  last = "0-0";
  isStarted = false;
  isConcluding = false;
  isOver = false;
  failures = 0;
  lastMs = 0;
  readonly #emit: (fact: Fact, atMs: number) => void;
  readonly #file: (file: Extract<Told, { kind: "file" }>) => void;
  /** By rig and journal: the number of its last event here. */
  readonly #seqs = new Map<string, number>();
  /** By rig: what is added to its times. */
  readonly #offsets = new Map<string, number>();
  readonly #stayed = new Set<string>();
  #startedAt = 0;

  /** @param emit every event of the run, in its order. @param file told of each that can be fetched. */
  constructor(
    { jobs }: Pick<Order, "jobs">,
    emit: (fact: Fact, atMs: number) => void,
    file: (file: Extract<Told, { kind: "file" }>) => void,
  ) {
    this.#emit = emit;
    this.#file = file;
    for (const job of jobs) this.#open(job, false);
  }

  /** @param id of the entry: milliseconds of the server's clock, and a number. */
  hear(id: string, told: Told): void {
    this.last = id;
    switch (told.kind) {
      case "fact":
        this.#ofClerk(told.fact, told.atMs, id);
        break;
      case "queued":
        this.#queue(told);
        break;
      case "lost":
        this.#lose(told);
        break;
      case "withdrawn":
        this.#withdraw(told);
        break;
      case "concluding":
        this.isConcluding = true;
        for (const [index, rig] of told.rigs.entries())
          this.#open({ id: FIRST_CONCLUSION + index, needs: [], rig, cases: [] }, true);
        break;
      case "refused":
        this.#refuse(told);
        break;
      case "file":
        this.#file(told);
        break;
      case "stays":
        this.#stay(told);
        break;
      case "event":
        this.#ofAgent(told, id);
        break;
    }
  }

  /** Cases of a job that have no verdict. */
  left({ job }: JobState): CaseState[] {
    return job.cases.flatMap(({ as }) => this.cases.get(as) ?? []).filter(({ isOver }) => !isOver);
  }

  #open(job: FarmJob, isConclusion: boolean): void {
    const state = {
      rig: undefined,
      isBegun: false,
      givenBack: undefined,
      avoid: new Set<string>(),
      refusals: new Map(),
      fruitless: 0,
    };
    this.jobs.set(job.id, { job, isConclusion, phase: "idle", delivery: 0, ...state });
    for (const one of job.cases)
      this.cases.set(one.as, { one, isOver: false, attempts: 0, before: undefined, isMoved: false, isOpen: false });
  }

  #queue({ job: number, delivery, rig }: Extract<Told, { kind: "queued" }>): void {
    const job = this.jobs.get(number);
    if (job !== undefined && delivery > job.delivery)
      Object.assign(job, { phase: "waiting", delivery, rig, isBegun: false, givenBack: undefined });
  }

  #ofClerk(fact: Fact, atMs: number, id: string): void {
    if (fact.type === "run.started") {
      this.#startedAt = millisecondsOf(id);
      this.isStarted = true;
    }
    if (fact.type === "run.ended") this.isOver = true;
    if (fact.type === "case.ended") this.#settle(fact.case, fact);
    this.#tell(fact, atMs);
  }

  #ofAgent({ rig, journal, job: number, delivery, event }: Extract<Told, { kind: "event" }>, id: string): void {
    const name = JSON.stringify([rig, journal]);
    if (event.seq <= (this.#seqs.get(name) ?? -1)) return;
    this.#seqs.set(name, event.seq);
    const { seq, atMs, ...fact } = event;
    const job = this.jobs.get(number);
    const isOther = job === undefined || job.delivery !== delivery || (job.isBegun && job.rig !== rig);
    // A case has one verdict, whoever sends another one.
    const isSettled = fact.type === "case.ended" && this.cases.get(fact.case)?.isOver === true;
    if (isOther || job.phase === "idle" || isSettled) {
      this.#late(rig, event);
      return;
    }
    if (fact.type === "job.begun") {
      this.rigs.set(rig, { simulated: fact.simulated });
      // A simulated module has its own time; a real one goes on while nobody tells of it.
      if (!this.#offsets.has(name))
        this.#offsets.set(name, fact.simulated ? 0 : Math.max(0, millisecondsOf(id) - this.#startedAt - atMs));
      Object.assign(job, { phase: "held", rig, isBegun: true, fruitless: job.fruitless + 1 });
    }
    if (fact.type === "job.ended") this.#end(job, fact.lost === true);
    this.#ofCase(fact as Fact, job, rig);
    this.#tell(fact as Fact, atMs + (this.#offsets.get(name) ?? 0));
  }

  #end(job: JobState, isLost: boolean): void {
    job.phase = isLost ? "orphaned" : "idle";
    // What its rig has broken is for another one.
    if (this.left(job).some(({ before }) => before !== undefined) && job.rig !== undefined) job.avoid.add(job.rig);
  }

  #ofCase(fact: Fact, job: JobState, rig: string): void {
    if (!("case" in fact) || fact.case === undefined) return;
    const state = this.cases.get(fact.case);
    if (state === undefined) return;
    if (fact.type === "case.started") {
      if (!state.isOpen) state.attempts += 1;
      state.isOpen = true;
    }
    if (fact.type === "case.retried") {
      state.isOpen = false;
      job.fruitless = 0;
      const { verdict, reason, fault } = fact;
      const outcome = { verdict, ...(reason !== undefined && { reason }), ...(fault !== undefined && { fault }) };
      if (state.before?.outcome.verdict !== "failed" || verdict === "failed") state.before = { outcome, rig };
      state.isMoved ||= fault?.blame === "rig" || fault?.blame === "link";
    }
    if (fact.type === "case.ended") {
      job.fruitless = 0;
      this.#settle(fact.case, fact);
    }
  }

  #settle(name: string, { verdict }: Outcome): void {
    const state = this.cases.get(name);
    if (state === undefined) return;
    state.isOver = true;
    state.isOpen = false;
    if (verdict === "failed" || verdict === "broken") this.failures += 1;
  }

  /** A result that comes after its case was given to another rig: told, and no verdict. What it did to the module, it did. */
  #late(rig: string, event: RunEvent): void {
    if (event.type === "wear") {
      const { seq, atMs, case: _, ...erase } = event;
      this.#tell({ ...erase, rig }, this.lastMs);
    }
    if (event.type !== "case.ended" && event.type !== "case.retried") return;
    const message = `${event.case} came to "${event.verdict}" on ${rig} when it was given to another rig already: an attempt, and no verdict`;
    this.#tell({ type: "run.warned", message }, this.lastMs);
  }

  #lose({ job: number, delivery, begun, moves, why }: Extract<Told, { kind: "lost" }>): void {
    const job = this.jobs.get(number);
    // While the clerk decided that, a rig may have begun it, or have ended it.
    if (job === undefined || job.delivery !== delivery || job.isBegun !== begun || job.phase === "idle") return;
    const rig = job.rig ?? "";
    const fault = faultOf(new HarnessError("AGENT_LOST", why));
    if (job.isBegun) this.#tell({ type: "lane.lost", rig, fault }, this.lastMs);
    for (const state of this.left(job).filter(({ isOpen }) => isOpen)) {
      const { one, before } = state;
      const outcome: Outcome = { verdict: "broken", fault };
      if (moves) this.#tell({ type: "case.retried", case: one.as, rig, ...outcome }, this.lastMs);
      else this.#finish(one, rig, before?.outcome ?? outcome);
      state.isOpen = false;
      state.isMoved = true;
      state.before ??= { outcome, rig };
    }
    job.phase = "idle";
    if (job.isBegun) job.avoid.add(rig);
  }

  #withdraw({ job: number, cases, reason, code }: Extract<Told, { kind: "withdrawn" }>): void {
    const job = this.jobs.get(number);
    if (job === undefined) return;
    if (job.isConclusion) this.#tell({ type: "module.left", rig: job.job.rig ?? "", reason }, this.lastMs);
    const outcome: Outcome =
      code === undefined
        ? { verdict: "skipped", reason }
        : { verdict: "broken", fault: faultOf(new HarnessError(code, reason)) };
    for (const { one, before, attempts } of this.left(job).filter((each) => cases.includes(each.one.as))) {
      const rig = before?.rig ?? job.rig ?? "";
      if (attempts === 0) this.#begin(one, rig);
      this.#finish(one, rig, before?.outcome ?? outcome);
    }
    job.phase = "idle";
    job.delivery += 1;
  }

  #refuse({ job: number, delivery, rig, copy, fault }: Extract<Told, { kind: "refused" }>): void {
    const job = this.jobs.get(number);
    const isGivenBack = job?.phase === "held" && job.rig === rig && job.delivery === delivery && !copy;
    const why = `${fault.code}: ${fault.message.split("\n")[0]}`;
    const message = `${rig} ${isGivenBack ? "gave back" : "did not take"} job ${number}: ${why}`;
    this.#tell({ type: "run.warned", message }, this.lastMs);
    if (isGivenBack) Object.assign(job, { phase: "orphaned", givenBack: message });
    if (job === undefined || job.delivery !== delivery || job.isBegun || copy) return;
    if (job.isConclusion) this.#tell({ type: "module.left", rig, reason: message }, this.lastMs);
    job.phase = "idle";
    job.rig = rig;
    job.fruitless += 1;
    if (PASSING.includes(fault.code)) return;
    job.avoid.add(rig);
    job.refusals.set(rig, why);
  }

  /** An agent says it once more where it was ended before it knew that it had. */
  #stay({ rig, path, why }: Extract<Told, { kind: "stays" }>): void {
    const message = `${path} stayed on the machine of ${rig}: ${why}`;
    if (!this.#stayed.has(message)) this.#tell({ type: "run.warned", message }, this.lastMs);
    this.#stayed.add(message);
  }

  #begin({ as, scenario, before, after }: FarmCase, rig: string): void {
    const properties = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
    this.#tell({ type: "case.started", case: as, scenario, rig, properties }, this.lastMs);
  }

  #finish({ as, scenario }: FarmCase, rig: string, outcome: Outcome): void {
    this.#settle(as, outcome);
    this.#tell({ type: "case.ended", case: as, scenario, rig, ...outcome }, this.lastMs);
  }

  #tell(fact: Fact, atMs: number): void {
    this.lastMs = Math.max(this.lastMs, atMs);
    this.#emit(fact, atMs);
  }
}

/** Reasons not to take a job that may be none a moment later; ABORTED: the agent was stopped, and may be starting again. */
const PASSING: readonly ErrorCode[] = ["RIG_BUSY", "RIG_LEASE_LOST", "REDIS_UNUSABLE", "ABORTED"];

/** Jobs of conclusions are numbered from here on. */
const FIRST_CONCLUSION = 1_000_000_000;

/** Of an entry in a stream. */
const millisecondsOf = (id: string): number => Number(id.split("-")[0]);
