import type { Fact } from "../base/events.js";
import type { Book, CaseState, JobState } from "./book.js";
import { KEYS, needsQueue, rigQueue } from "./keys.js";
import { type Delivery, deliveryId, parsed, type RigRecord, Stop, Told } from "./messages.js";
import type { Queues } from "./queues.js";
import { fits, readRigs, whyNobody } from "./rigs-seen.js";
import { tellRun } from "./stream.js";
import { KEPT_MS, Tenure, type TenureParts } from "./tenure.js";
import { Watch } from "./watch.js";

interface ClerkParts extends TenureParts {
  readonly queues: Queues;
  readonly book: Book;
  /** So long a job waits for a rig that can take it. */
  readonly patienceMs: number;
  /** Whether case after case is to begin: Ctrl-C calls the run off. */
  readonly signal: AbortSignal;
  /** What came of the run's own journal: it cannot be written any more. */
  readonly tell: (text: string) => void;
}

/** So often the stream is read, and rigs are looked at, in ms. */
const READ_MS = 50;
const LOOK_MS = 500;
const LOOKS_A_LEASE = 20;
const ENTRIES = 500;
/** Deliveries of a job in a row that get no case done: then it is given up. */
const MOST_FRUITLESS = 4;

/**
 * Hands out the jobs of a run, and writes down what becomes of them: one process at a time, and any may go on where another
 * one was ended. It alone gives a job out again: where its rig or agent was at fault, once, to another rig.
 */
export class Clerk {
  readonly #parts: ClerkParts;
  readonly #tenure: Tenure;
  readonly #watch: Watch;
  #stop: Stop | undefined;

  constructor(parts: ClerkParts) {
    this.#parts = parts;
    this.#tenure = new Tenure(parts);
    this.#watch = new Watch(parts.order.runId, Math.min(LOOK_MS, parts.leaseMs / LOOKS_A_LEASE));
  }

  /** Until the run has ended, or nobody is at it any more after it was called off. @throws HarnessError REDIS_UNUSABLE. */
  async work(): Promise<void> {
    const { book, clock, client, order } = this.#parts;
    await this.#tenure.begin();
    await this.#read();
    for (const job of book.jobs.values()) if (job.phase === "waiting") await this.#hand(job);
    while (!book.isOver) {
      const isNews = await this.#read();
      if (isNews || this.#watch.isDue(clock.now())) await this.#look();
      if (!isNews) await clock.sleep(READ_MS);
    }
    await this.#tenure.remember();
    await client.del(KEYS.current(order.runId), KEYS.stop(order.runId));
    await client.srem(KEYS.runs, order.runId);
    await this.#tenure.leave();
  }

  /** Hands out what there is to be handed out now, and leaves the rest to another clerk. @throws HarnessError. */
  async handOut(): Promise<void> {
    await this.#tenure.begin();
    await this.#read();
    await this.#look();
    await this.#tenure.leave();
  }

  /** @returns whether there was something new. */
  async #read(): Promise<boolean> {
    const { client, book, order, tell } = this.#parts;
    let isNews = false;
    for (;;) {
      const entries = await client.xrange(KEYS.told(order.runId), `(${book.last}`, "+", "COUNT", ENTRIES);
      // Who stood still for so long may have been replaced, and what it writes would be written twice.
      if (this.#tenure.isDoubtful) await this.#tenure.hold();
      for (const [id, [, json]] of entries) {
        const entry = parsed(Told, json);
        if (entry === undefined) tell(`an entry of the run's stream was passed over: it has another form`);
        book.hear(id, entry ?? { kind: "fact", atMs: 0, fact: { type: "run.warned", message: FORM } });
        isNews = true;
      }
      if (entries.length < ENTRIES) return isNews;
    }
  }

  async #look(): Promise<void> {
    const { client, clock, order, book, signal } = this.#parts;
    await this.#tenure.hold();
    this.#watch.look(await readRigs(client), clock.now());
    this.#stop = parsed(Stop, await client.get(KEYS.stop(order.runId))) ?? this.#stop;
    if (signal.aborted && this.#stop?.cancel !== true) await this.#callOff(true, String(signal.reason?.message));
    const { maxFailures } = order;
    if (maxFailures !== undefined && book.failures >= maxFailures && this.#stop === undefined)
      await this.#callOff(false, `${book.failures} cases failed or broke before (--max-failures)`);
    for (const job of book.jobs.values()) await this.#see(job);
    if ([...book.jobs.values()].every((job) => this.#isDone(job))) await this.#end();
  }

  async #callOff(cancel: boolean, reason: string): Promise<void> {
    this.#stop = { cancel, reason };
    await this.#parts.client.set(KEYS.stop(this.#parts.order.runId), JSON.stringify(this.#stop), "PX", KEPT_MS);
  }

  #isDone(job: JobState): boolean {
    if (job.phase !== "idle") return false;
    if (this.#stop?.cancel === true) return true;
    return job.isConclusion ? job.delivery > 0 : this.#parts.book.left(job).length === 0;
  }

  async #see(job: JobState): Promise<void> {
    switch (job.phase) {
      case "idle":
        if (!this.#isDone(job)) await this.#give(job);
        return;
      case "waiting":
        return this.#seeWaiting(job);
      case "held":
        return this.#seeHeld(job);
      case "orphaned":
        return this.#lose(job, `the agent of ${job.rig} was ended in the middle of it, and was started again`);
    }
  }

  /** Hands out what is left of it, or gives it up. */
  async #give(job: JobState): Promise<void> {
    const { book } = this.#parts;
    const left = book.left(job);
    if (this.#stop !== undefined && !job.isConclusion) return this.#withdraw(job, left, this.#stop.reason);
    if (job.fruitless >= MOST_FRUITLESS)
      return this.#withdraw(job, left, `${job.fruitless} rigs or agents got nothing of it done`, "AGENT_LOST");
    const able = this.#watch.rigs.filter((each) => fits(job.job, each));
    const others = able.filter(({ rig }) => !job.avoid.has(rig));
    const refusals = able.flatMap(({ rig }) => job.refusals.get(rig) ?? []);
    if (able.length > 0 && refusals.length === able.length)
      return this.#withdraw(job, left, [...new Set(refusals)].join("; "), "FARM_REFUSED");
    const spoilt = left.filter(({ before }) => before !== undefined);
    if (job.delivery > 0 && others.length === 0 && spoilt.length > 0) {
      const isAwaited = this.#absent(job).length > 0 && this.#watch.alone(job, "spoilt") < this.#parts.patienceMs;
      if (isAwaited) return;
      await this.#withdraw(job, spoilt, "no other rig");
    }
    const cases = book.left(job);
    if (cases.length === 0 && !job.isConclusion) return;
    // Only what a rig has spoilt must go elsewhere; what it did not come to may come back to it.
    const target = job.avoid.size === 0 ? undefined : leastBusy(others);
    const rig = job.job.rig ?? target?.rig;
    if (job.avoid.size > 0 && others.length === 0) job.avoid.clear();
    await this.#tell({
      kind: "queued",
      job: job.job.id,
      delivery: job.delivery + 1,
      ...(rig !== undefined && { rig }),
      cases: cases.map(({ one }) => one.as),
    });
    await this.#read();
    await this.#hand(job);
  }

  /** Rigs that were at this run, have not spoilt the job, and are not there now: an agent may be starting again. */
  #absent({ job, avoid }: JobState): string[] {
    const there = new Set(this.#watch.rigs.map(({ rig }) => rig));
    const isOfOne = job.rig !== undefined;
    return isOfOne ? [] : [...this.#parts.book.rigs.keys()].filter((rig) => !there.has(rig) && !avoid.has(rig));
  }

  /** Into its queue: adding it twice changes nothing. */
  async #hand(job: JobState): Promise<void> {
    const { client, queues, order, book } = this.#parts;
    const run = order.runId;
    const { delivery, rig } = job;
    const able = this.#watch.rigs.filter((each) => fits(job.job, each)).length + this.#absent(job).length;
    const cases = book.left(job).map(({ one, attempts, isMoved }) => ({
      ...one,
      attempt: attempts + 1,
      elsewhere: !isMoved && able > 1,
    }));
    const data: Delivery = { run, job: job.job.id, delivery, conclude: job.isConclusion, cases };
    await client.hset(KEYS.current(run), String(job.job.id), String(delivery));
    if (rig === undefined) await client.sadd(KEYS.needs, JSON.stringify([...job.job.needs].sort()));
    await queues.add(queueOf(job), data);
  }

  /** Nobody has begun it. */
  async #seeWaiting(job: JobState): Promise<void> {
    const { patienceMs, queues, leaseMs } = this.#parts;
    const { rig } = job;
    const { rigs } = this.#watch;
    if (this.#watch.isSeen(job)) return this.#watch.attended(job, "untold");
    if (this.#watch.isTaken(job)) return this.#seeUntold(job);
    const takers = rigs.filter((each) => fits(job.job, each) && (rig === undefined || rig === each.rig));
    if (takers.length > 0 && this.#stop === undefined) {
      this.#watch.attended(job, "nobody");
      return this.#seeUntold(job);
    }
    const waitedMs = this.#watch.alone(job, "nobody");
    const isHopeless = this.#stop !== undefined || (rig !== undefined && rigs.some((each) => each.rig === rig));
    if (!isHopeless && waitedMs < Math.max(patienceMs, rig === undefined ? 0 : leaseMs)) return;
    if (!(await queues.withdraw(queueOf(job), this.#idOf(job)))) return this.#seeUntold(job);
    // Called off: what had not begun has no verdict, as in any run.
    if (this.#stop?.cancel === true) return this.#withdraw(job, [], this.#stop.reason);
    // The one that it was for has gone: another one may take it.
    if (rig !== undefined && job.job.rig === undefined && this.#stop === undefined)
      return this.#lose(job, `${rig} has gone`);
    const left = this.#parts.book.left(job);
    if (this.#stop !== undefined) return this.#withdraw(job, left, this.#stop.reason);
    const { reason, code } = whyNobody(job.job, rigs);
    return this.#withdraw(job, left, reason, code);
  }

  /** Somebody may have taken it out of its queue and said nothing since, or it has gone from there. */
  async #seeUntold(job: JobState): Promise<void> {
    const { leaseMs, queues } = this.#parts;
    if (this.#watch.alone(job, "untold") < leaseMs) return;
    const queue = queueOf(job);
    if ((await queues.state(queue, this.#idOf(job))) === "waiting") return this.#watch.attended(job, "untold");
    // An agent has it as long as its lock lasts.
    if (await queues.withdraw(queue, this.#idOf(job))) await this.#lose(job, "it was taken, and never begun");
  }

  /** A rig is at it, or was. */
  async #seeHeld(job: JobState): Promise<void> {
    const { leaseMs } = this.#parts;
    if (this.#watch.isSeen(job)) this.#watch.attended(job, "unseen");
    else if (this.#watch.alone(job, "unseen") >= leaseMs)
      await this.#lose(job, `nothing was heard of the agent of ${job.rig} for ${leaseMs} ms`);
  }

  async #lose(job: JobState, why: string): Promise<void> {
    const left = this.#parts.book.left(job);
    const others = this.#watch.rigs.filter(
      (each) => fits(job.job, each) && each.rig !== job.rig && !job.avoid.has(each.rig),
    );
    const open = left.filter(({ isOpen }) => isOpen);
    const isElsewhere = others.length > 0 || this.#absent(job).some((rig) => rig !== job.rig);
    const moves = isElsewhere && open.every(({ isMoved }) => !isMoved) && this.#stop === undefined;
    await this.#tell({ kind: "lost", job: job.job.id, delivery: job.delivery, moves, why });
    await this.#read();
  }

  /** @param code where it is no choice of anybody that the cases are not run. */
  async #withdraw(job: JobState, cases: readonly CaseState[], reason: string, code?: Withdrawn["code"]): Promise<void> {
    const { client, order } = this.#parts;
    const names = cases.map(({ one }) => one.as);
    const entry = { kind: "withdrawn", job: job.job.id, cases: names, reason } as const;
    await this.#tell(code === undefined ? entry : { ...entry, code });
    await this.#read();
    await client.hset(KEYS.current(order.runId), String(job.job.id), String(job.delivery));
  }

  /** All cases are done: the rigs leave their modules as they should, and then it is over. */
  async #end(): Promise<void> {
    const { book } = this.#parts;
    const cancelled = this.#stop?.cancel === true;
    const rigs = [...book.rigs.keys()].sort();
    if (!book.isConcluding && !cancelled && rigs.length > 0) await this.#tell({ kind: "concluding", rigs });
    else {
      const fact: Fact = { type: "run.ended", interrupted: cancelled };
      await this.#tell({ kind: "fact", atMs: book.lastMs, fact });
    }
    await this.#read();
  }

  async #tell(told: Told): Promise<void> {
    await tellRun(this.#parts.client, this.#parts.order.runId, told);
  }

  #idOf(job: JobState): string {
    return deliveryId({ run: this.#parts.order.runId, job: job.job.id, delivery: job.delivery });
  }
}

type Withdrawn = Extract<Told, { kind: "withdrawn" }>;

const FORM = "an entry of the run's stream has another form, and was passed over";

/** Where it waits: for the rig that it is for, or for any that has what it needs. */
const queueOf = ({ rig, job }: JobState): string => (rig === undefined ? needsQueue(job.needs) : rigQueue(rig));

/** Of those that work, one without work where there is one. */
const leastBusy = (rigs: readonly RigRecord[]): RigRecord | undefined =>
  [...rigs].sort((a, b) => Number(a.work !== undefined) - Number(b.work !== undefined))[0];
