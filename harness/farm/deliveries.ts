import type { Redis } from "ioredis";
import type { Book } from "./book.js";
import { isClaimed } from "./claim-delivery.js";
import type { CaseState, JobState } from "./job-state.js";
import { KEYS, needsQueue, rigQueue } from "./keys.js";
import { type Delivery, deliveryId, type Order, type RigRecord, type Stop, type Told } from "./messages.js";
import type { Queues } from "./queues.js";
import { couldDo, fits, mayHave, whyNobody } from "./rigs-seen.js";
import type { Watch } from "./watch.js";

export interface DeliveryParts {
  readonly client: Redis;
  readonly queues: Queues;
  readonly order: Order;
  readonly book: Book;
  /** Milliseconds: an agent that nothing was heard of for so long has lost its job. */
  readonly leaseMs: number;
  /** Milliseconds: so long a job waits for a rig that can take it. */
  readonly patienceMs: number;
  readonly watch: Watch;
  /** Puts a decision into the run's stream: from then on it stands in the book. */
  readonly tell: (told: Told) => Promise<void>;
}

/** Deliveries of a job in a row that get no case done: then it is given up. */
const MOST_FRUITLESS = 4;

/**
 * Hands out the jobs of a run, one delivery after the other of each, and gives up what no rig will do. It alone gives a job out
 * again: where its rig or agent was at fault, a case once, to another rig.
 */
export class Deliveries {
  readonly #parts: DeliveryParts;
  #stop: Stop | undefined;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Whether nothing is to be done of it any more. @param stop why no case of the run begins any more. */
  isDone(job: JobState, stop: Stop | undefined): boolean {
    if (job.phase !== "idle") return false;
    if (stop?.cancel === true) return true;
    return job.isConclusion ? job.delivery > 0 : this.#parts.book.left(job).length === 0;
  }

  /** What is to be done of a job by the last look. @param stop why no case of the run begins any more. */
  async see(job: JobState, stop: Stop | undefined): Promise<void> {
    this.#stop = stop;
    switch (job.phase) {
      case "idle":
        if (!this.isDone(job, stop)) await this.#give(job);
        return;
      case "waiting":
        return this.#seeWaiting(job);
      case "held":
        return this.#seeHeld(job);
      case "orphaned":
        return this.#lose(
          job,
          job.givenBack ?? `the agent of ${job.rig} was ended in its middle, and was started again`,
        );
    }
  }

  /** Hands out what is left of it, or gives it up. */
  async #give(job: JobState): Promise<void> {
    const { book } = this.#parts;
    const left = book.left(job);
    if (this.#stop !== undefined && !job.isConclusion) return this.#withdraw(job, left, this.#stop.reason);
    if (job.fruitless >= MOST_FRUITLESS)
      return this.#withdraw(job, left, `${job.fruitless} rigs or agents got nothing of it done`, "AGENT_LOST");
    const able = this.#parts.watch.rigs.filter((each) => fits(job.job, each));
    const others = able.filter(({ rig }) => !job.avoid.has(rig));
    const refusals = able.flatMap(({ rig }) => job.refusals.get(rig) ?? []);
    if (able.length > 0 && refusals.length === able.length)
      return this.#withdraw(job, left, [...new Set(refusals)].join("; "), "FARM_REFUSED");
    const spoilt = left.filter(({ before }) => before !== undefined);
    if (job.delivery > 0 && others.length === 0 && spoilt.length > 0) {
      const isAwaited = this.#absent(job).length > 0 && this.#parts.watch.alone(job, "spoilt") < this.#parts.patienceMs;
      if (isAwaited) return;
      await this.#withdraw(job, spoilt, "no other rig");
    }
    const cases = book.left(job);
    if (cases.length === 0 && !job.isConclusion) return;
    const rig = this.#whose(job, able, others);
    if (job.avoid.size > 0 && others.length === 0) job.avoid.clear();
    await this.#parts.tell({
      kind: "queued",
      job: job.job.id,
      delivery: job.delivery + 1,
      ...(rig !== undefined && { rig }),
      cases: cases.map(({ one }) => one.as),
    });
    await this.#hand(job);
  }

  /** Whose queue it goes into; `undefined`: that of all who have what it needs. */
  #whose({ job, avoid }: JobState, able: readonly RigRecord[], others: readonly RigRecord[]): string | undefined {
    if (job.among === undefined && job.rig !== undefined) return job.rig;
    // Only what a rig has spoilt must go elsewhere; what it did not come to may come back to it.
    if (job.among === undefined) return avoid.size === 0 ? undefined : this.#leastBusy(others);
    const there = others.length > 0 ? others : able;
    return there.some(({ rig }) => rig === job.rig) ? job.rig : (this.#leastBusy(there) ?? job.rig);
  }

  /** Of these, the one with the fewest jobs of this run. */
  #leastBusy(rigs: readonly RigRecord[]): string | undefined {
    const jobs = [...this.#parts.book.jobs.values()].filter(({ phase }) => phase === "waiting" || phase === "held");
    const load = (name: string) => jobs.filter(({ rig }) => rig === name).length;
    return [...rigs].sort((a, b) => load(a.rig) - load(b.rig))[0]?.rig;
  }

  /** Rigs that were at this run, have not spoilt the job, and are not there now: an agent may be starting again. */
  #absent({ job, avoid }: JobState): string[] {
    const there = new Set(this.#parts.watch.rigs.map(({ rig }) => rig));
    const before = [...this.#parts.book.rigs.keys()].filter((rig) => mayHave(job, rig));
    return before.filter((rig) => !there.has(rig) && !avoid.has(rig));
  }

  /** A clerk before may have been ended before it came into its queue; one that somebody has claimed was there. */
  async handAgain(job: JobState): Promise<void> {
    const { client, order } = this.#parts;
    const { delivery } = job;
    if (!(await isClaimed(client, { run: order.runId, job: job.job.id, delivery }))) await this.#hand(job);
  }

  /** Into its queue: adding it twice changes nothing. */
  async #hand(job: JobState): Promise<void> {
    const { client, queues, order, book } = this.#parts;
    const run = order.runId;
    const { delivery, rig } = job;
    const able = this.#parts.watch.rigs.filter((each) => fits(job.job, each)).length + this.#absent(job).length;
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
    const { rigs } = this.#parts.watch;
    if (this.#parts.watch.isSeen(job)) return this.#parts.watch.attended(job, "untold");
    if (this.#parts.watch.isTaken(job)) return this.#seeUntold(job);
    const takers = rigs.filter((each) => fits(job.job, each) && (rig === undefined || rig === each.rig));
    if (takers.length > 0 && this.#stop === undefined) {
      this.#parts.watch.attended(job, "nobody");
      return this.#seeUntold(job);
    }
    const waitedMs = this.#parts.watch.alone(job, "nobody");
    const here = rigs.find((each) => each.rig === rig);
    const isElsewhere = rigs.some((each) => fits(job.job, each) && !job.avoid.has(each.rig));
    const isHopeless = here !== undefined && (isElsewhere || job.isConclusion || !couldDo(job.job, here));
    const longestMs = Math.max(isElsewhere ? 0 : patienceMs, rig === undefined ? 0 : leaseMs);
    if (this.#stop === undefined && !isHopeless && waitedMs < longestMs) return;
    if (!(await queues.withdraw(queueOf(job), this.#idOf(job)))) return this.#seeUntold(job);
    // Called off: what had not begun has no verdict, as in any run.
    if (this.#stop?.cancel === true) return this.#withdraw(job, [], this.#stop.reason);
    // The one that it was for has gone: another one may take it.
    const isMovable = rig !== undefined && (job.job.rig === undefined || isElsewhere);
    if (isMovable && this.#stop === undefined) return this.#lose(job, `${rig} has gone`);
    const left = this.#parts.book.left(job);
    if (this.#stop !== undefined) return this.#withdraw(job, left, this.#stop.reason);
    const { reason, code } = whyNobody(job.job, rigs, this.#parts.watch.gone);
    return this.#withdraw(job, left, reason, code);
  }

  /** Somebody may have taken it out of its queue and said nothing since, or it has gone from there. */
  async #seeUntold(job: JobState): Promise<void> {
    const { leaseMs, queues } = this.#parts;
    if (this.#parts.watch.alone(job, "untold") < leaseMs) return;
    const queue = queueOf(job);
    if ((await queues.state(queue, this.#idOf(job))) === "waiting") return this.#parts.watch.attended(job, "untold");
    // An agent has it as long as its lock lasts.
    if (await queues.withdraw(queue, this.#idOf(job))) await this.#lose(job, "it was taken, and never begun");
  }

  /** A rig is at it, or was. */
  async #seeHeld(job: JobState): Promise<void> {
    const { leaseMs } = this.#parts;
    if (this.#parts.watch.isSeen(job)) this.#parts.watch.attended(job, "unseen");
    else if (this.#parts.watch.alone(job, "unseen") >= leaseMs)
      await this.#lose(job, `nothing was heard of the agent of ${job.rig} for ${leaseMs} ms`);
  }

  async #lose(job: JobState, why: string): Promise<void> {
    const left = this.#parts.book.left(job);
    const others = this.#parts.watch.rigs.filter(
      (each) => fits(job.job, each) && each.rig !== job.rig && !job.avoid.has(each.rig),
    );
    const open = left.filter(({ isOpen }) => isOpen);
    const isElsewhere = others.length > 0 || this.#absent(job).some((rig) => rig !== job.rig);
    const moves = isElsewhere && open.every(({ isMoved }) => !isMoved) && this.#stop === undefined;
    const { delivery, isBegun: begun } = job;
    await this.#parts.tell({ kind: "lost", job: job.job.id, delivery, begun, moves, why });
  }

  /** @param code where it is no choice of anybody that the cases are not run. */
  async #withdraw(job: JobState, cases: readonly CaseState[], reason: string, code?: Withdrawn["code"]): Promise<void> {
    const { client, order } = this.#parts;
    const names = cases.map(({ one }) => one.as);
    const entry = { kind: "withdrawn", job: job.job.id, cases: names, reason } as const;
    await this.#parts.tell(code === undefined ? entry : { ...entry, code });
    await client.hset(KEYS.current(order.runId), String(job.job.id), String(job.delivery));
  }

  #idOf(job: JobState): string {
    return deliveryId({ run: this.#parts.order.runId, job: job.job.id, delivery: job.delivery });
  }
}

type Withdrawn = Extract<Told, { kind: "withdrawn" }>;

/** Where it waits: for the rig that it is for, or for any that has what it needs. */
const queueOf = ({ rig, job }: JobState): string => (rig === undefined ? needsQueue(job.needs) : rigQueue(rig));
