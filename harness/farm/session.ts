import { HarnessError } from "../base/errors.js";
import type { Fact, Fault, Outcome, RunEvent } from "../base/events.js";
import type { WearBudget } from "../history/wear-budget.js";
import { Journal } from "../run/journal.js";
import type { Crew, Loaded } from "../run/lanes/crew.js";
import { Tries } from "../run/lanes/tries.js";
import { faultOf } from "../run/outcome.js";
import { readJournalFile } from "./journal-file.js";
import type { Delivery, Order, Stop } from "./messages.js";
import { deliveredIn, type OfJob, Outbox, type Sender } from "./outbox.js";

/** What a session needs of its rig. */
export interface SessionParts {
  readonly order: Order;
  readonly rig: string;
  readonly simulated: boolean;
  /** This machine, as people call it. */
  readonly host: string;
  readonly to: Omit<Sender, "journal" | "run" | "rig">;
  /** Its lanes; nothing is started yet. */
  readonly crew: (emit: (fact: Fact, atMs: number) => void, signal: AbortSignal, sinceMs: number) => Crew;
  readonly wear: WearBudget;
  /** ISO 8601 with Z. */
  readonly wallTime: string;
}

/** What a job came to on its rig. */
export interface Worked {
  /** How a case was broken by the rig or its link, or what kept the journal from being written: somebody should look at it. */
  readonly fault: Fault | undefined;
  /** No case can be run on it any more. */
  readonly retired: boolean;
}

/** One run on one rig: its journal on this machine, its lanes, and what is sent of it. */
export class Session implements AsyncDisposable {
  readonly order: Order;
  readonly #parts: SessionParts;
  readonly #journal: Journal;
  readonly #outbox: Outbox;
  /** Deliveries that stand in the journal: none of them is begun again. */
  readonly #begun = new Set<string>();
  #of: OfJob = { job: 0, delivery: 0 };
  #crew: Crew | undefined;
  /** What its lane can run. */
  #names: ReadonlySet<string> = new Set();
  #abort = new AbortController();
  #lastMs = 0;
  /** Not on disk yet: told to nobody before it is, since another life of this agent would give its numbers to other events. */
  readonly #unwritten: { readonly event: RunEvent; readonly of: OfJob }[] = [];
  /** What kept the journal from being written last. */
  #lost: HarnessError | undefined;

  /**
   * Opens the rig's journal of the run, or goes on with it. A delivery that an agent was ended in the middle of is told as lost.
   *
   * @throws HarnessError FILE_UNWRITABLE.
   */
  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.order = parts.order;
    const { to, rig, simulated, order, wallTime } = parts;
    const before = readJournalFile(to.folder);
    const first = before?.events[0]?.event;
    const journal = first?.type === "run.started" ? first.wallTime : wallTime;
    this.#outbox = new Outbox({ ...to, rig, run: order.runId, journal });
    this.#journal = new Journal(to.folder, [(event) => this.#hear(event)], (error) => this.#lose(error), before?.from);
    for (const { event } of before?.events ?? []) {
      this.#lastMs = Math.max(this.#lastMs, event.atMs);
      if (event.type === "job.begun") this.#begun.add(nameOf(event));
    }
    if (before === undefined || before.events.length === 0)
      this.#emit(
        {
          type: "run.started",
          wallTime,
          // The same run has other rigs, and this machine may have several of them.
          runId: `${order.runId}.${rig}`,
          harness: order.harness,
          seed: order.seed,
          rigs: [rig],
          simulated: simulated ? [rig] : [],
          cases: 0,
        },
        0,
      );
    const delivered = deliveredIn(to.folder);
    for (const { event, of } of before?.events ?? []) if (event.seq > delivered) this.#hear(event, of);
    for (const of of before?.open ?? []) {
      this.#of = of;
      this.#emit({ type: "job.ended", ...of, rig, lost: true }, this.#lastMs);
    }
  }

  /** Whether this very delivery was begun here before. */
  hasBegun(delivery: OfJob): boolean {
    return this.#begun.has(nameOf(delivery));
  }

  /** Whether the rig is ours at the moment. */
  get isReady(): boolean {
    return this.#crew !== undefined;
  }

  /**
   * Loads the scenarios and takes the rig.
   *
   * @throws HarnessError RIG_BUSY and the like; WEAR_BUDGET; FARM_REFUSED for a case that the files here do not hold: they did
   * where the run was cut.
   */
  async ready({ cases }: Pick<Delivery, "cases">): Promise<void> {
    const { rig, wear } = this.#parts;
    const spent = wear.spent(rig);
    if (spent !== undefined) throw new HarnessError("WEAR_BUDGET", `${rig}: ${spent}`);
    if (this.#crew !== undefined) return this.#refuseUnknown(cases);
    this.#abort = new AbortController();
    const crew = this.#parts.crew((fact, atMs) => this.#emit(fact, atMs), this.#abort.signal, this.#lastMs);
    this.#crew = crew;
    try {
      const loaded = await crew.load(this.order.asked);
      this.#names = new Set(loaded.cases.map(({ name }) => name));
      this.#refuseUnknown(cases, loaded);
      await crew.open();
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  /**
   * Runs the cases of a delivery, one after the other, from the moment that it stands in the journal. The rig is ready.
   *
   * @param fence of this delivery.
   * @param stopped why no case begins any more; asked before each.
   * @param begin told each case that begins.
   * @throws HarnessError FILE_UNWRITABLE: its end is not on disk, or not even its beginning, and then no case was begun.
   */
  async work(
    delivery: Delivery,
    fence: number,
    stopped: () => Stop | undefined,
    begin: (name: string) => void,
  ): Promise<Worked> {
    const { rig, simulated, wear } = this.#parts;
    const crew = this.#crew;
    if (crew === undefined) throw new HarnessError("INTERNAL", `${rig}: a job without lanes`);
    const { job, delivery: number, cases, conclude } = delivery;
    this.#of = { job, delivery: number };
    this.#begun.add(nameOf(this.#of));
    const before = this.#lost;
    this.#emit({ type: "job.begun", ...this.#of, rig, fence, simulated }, crew.nowMs);
    let found: Fault | undefined;
    for (const { attempt, elsewhere, ...one } of cases) {
      const isOver = found !== undefined || crew.retired || crew.unfit !== undefined || wear.spent(rig) !== undefined;
      if (isOver || this.#abort.signal.aborted || stopped() !== undefined) break;
      const place = { case: one.as, scenario: one.scenario, rig };
      const { budget, retries } = this.order;
      if (budget !== undefined && crew.nowMs >= budget.ms) {
        const reason = `the time of ${rig} was up (--time-budget ${budget.shown})`;
        this.#emit({ type: "case.started", ...place, properties: {} }, crew.nowMs);
        this.#emit({ type: "case.ended", ...place, verdict: "skipped", reason }, crew.nowMs);
        continue;
      }
      begin(one.as);
      const tries = new Tries(one, retries, attempt);
      const settle = (came: Outcome) => tries.settle(came, rig, stopped()?.cancel === true, () => elsewhere);
      let settled = await crew.run(one, { number: tries.number, settle });
      while (settled.again && !tries.brokenOn.has(rig)) settled = await crew.run(one, { number: tries.number, settle });
      found = ofRig(settled.outcome);
    }
    if (conclude) await crew.conclude(this.order.night && wear.spent(rig) === undefined);
    this.#emit({ type: "job.ended", ...this.#of, rig }, crew.nowMs);
    // It was called off for good: what comes next gets lanes of its own.
    if (this.#abort.signal.aborted || crew.retired || conclude) await this.release();
    if (this.#lost === undefined || this.#lost === before) return { fault: found, retired: crew.retired };
    if (!this.#journal.isWhole) throw this.#lost;
    return { fault: faultOf(this.#lost), retired: crew.retired };
  }

  #refuseUnknown(cases: Delivery["cases"], { refused }: Pick<Loaded, "refused"> = { refused: [] }): void {
    const unknown = cases.find(({ name }) => !this.#names.has(name));
    if (unknown === undefined) return;
    const why = refused.map(({ file, fault }) => `: ${file}: ${fault.message.split("\n")[0]}`).join("");
    throw new HarnessError(
      "FARM_REFUSED",
      `case ${JSON.stringify(unknown.name)} is not among those that were loaded here${why}`,
    );
  }

  /** Calls off what is under way. */
  abort(error: HarnessError): void {
    this.#abort.abort(error);
  }

  /** Until all that happened is in the run's stream. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** Lets go of the rig: somebody at the bench may want it. */
  async release(): Promise<void> {
    const crew = this.#crew;
    this.#crew = undefined;
    await crew?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
    this.#journal[Symbol.dispose]();
  }

  #emit(fact: Fact, atMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, atMs);
    this.#parts.wear.hear(fact);
    this.#journal.emit(fact, atMs);
  }

  /** Another rig's journal may have room: it is this machine that cannot go on, and no case is at fault. */
  #lose(error: HarnessError): void {
    const { rig, host } = this.#parts;
    this.#lost = error;
    const { message, advice } = error;
    this.abort(new HarnessError("AGENT_LOST", `the journal of ${rig} on ${host}: ${message}`, { advice }));
  }

  #hear(event: RunEvent, of = this.#of): void {
    if (event.type !== "run.started") this.#unwritten.push({ event, of });
    if (!this.#journal.isWhole) return;
    for (const each of this.#unwritten.splice(0)) this.#outbox.push(each.event, each.of);
  }
}

const nameOf = ({ job, delivery }: OfJob): string => `${job}.${delivery}`;

const ofRig = ({ verdict, fault }: Outcome): Fault | undefined =>
  verdict === "broken" && (fault?.blame === "rig" || fault?.blame === "link") ? fault : undefined;
