import type { Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { PREFIX } from "./keys.js";
import { type Delivery, deliveryId } from "./messages.js";

/** A job as an agent has it. */
export interface Taken {
  readonly data: unknown;
  /** @returns whether it is still ours. Waits for an answer as long as Redis gives none. */
  extend(): Promise<boolean>;
  /** It leaves its queue, whatever it came to: that stands in journals. */
  done(): Promise<void>;
}

/**
 * The queues of a farm, on BullMQ. Jobs are fetched by hand, so that a rig takes one at a time, of whichever queue; and
 * nobody here looks for stalled ones: BullMQ would have them run again while the first may still flash.
 */
export class Queues implements AsyncDisposable {
  readonly #client: Redis;
  readonly #leaseMs: number;
  readonly #queues = new Map<string, Queue>();
  readonly #workers = new Map<string, Worker>();

  /** @param leaseMs so long a job is whose it is, from its last extension on. */
  constructor(client: Redis, leaseMs: number) {
    this.#client = client;
    this.#leaseMs = leaseMs;
  }

  /** Adding the same delivery twice changes nothing. */
  async add(queue: string, delivery: Delivery): Promise<void> {
    const jobs = await this.#queue(queue);
    await jobs.add("cases", delivery, {
      jobId: deliveryId(delivery),
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
    });
  }

  /** @returns `waiting` for an agent, `held` by one, `stale` where that one's lock has ended, or `gone`. */
  async state(queue: string, id: string): Promise<"waiting" | "held" | "gone"> {
    const job = await (await this.#queue(queue)).getJob(id);
    const state = await job?.getState();
    if (state === undefined || state === "unknown") return "gone";
    return state === "active" ? "held" : "waiting";
  }

  /** @returns whether nobody will take it any more: `false` while an agent has it. */
  async withdraw(queue: string, id: string): Promise<boolean> {
    const job = await (await this.#queue(queue)).getJob(id);
    try {
      await job?.remove();
      return true;
    } catch {
      return false;
    }
  }

  /** The first job of the first of these queues that has one. */
  async next(queues: readonly string[], token: string): Promise<Taken | undefined> {
    for (const queue of queues) {
      const job = await (await this.#worker(queue)).getNextJob(token, { block: false });
      if (job !== undefined) return taken(job, token, this.#leaseMs);
    }
    return undefined;
  }

  /** How many wait in it. */
  async waiting(queue: string): Promise<number> {
    return (await this.#queue(queue)).getWaitingCount();
  }

  async #queue(name: string): Promise<Queue> {
    const { Queue } = await import("bullmq");
    const there = this.#queues.get(name);
    if (there !== undefined) return there;
    const options = { connection: this.#client, prefix: PREFIX, skipVersionCheck: true, skipMetasUpdate: true };
    const queue = new Queue(name, options);
    queue.on("error", () => undefined);
    this.#queues.set(name, queue);
    return queue;
  }

  async #worker(name: string): Promise<Worker> {
    const { Worker } = await import("bullmq");
    const there = this.#workers.get(name);
    if (there !== undefined) return there;
    const worker = new Worker(name, null, {
      connection: this.#client,
      prefix: PREFIX,
      autorun: false,
      lockDuration: this.#leaseMs,
      maxStalledCount: 0,
      skipStalledCheck: true,
      skipVersionCheck: true,
    });
    worker.on("error", () => undefined);
    this.#workers.set(name, worker);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // By force: no job is at work here, and a worker else waits for its own connection for seconds.
    const workers = [...this.#workers.values()].map((each) => each.close(true));
    await Promise.allSettled([...workers, ...[...this.#queues.values()].map((each) => each.close())]);
  }
}

const taken = (job: Job, token: string, leaseMs: number): Taken => ({
  data: job.data,
  extend: async () => (await job.extendLock(token, leaseMs)) === 1,
  async done() {
    try {
      await job.moveToCompleted(null, token, false);
    } catch {
      // It is not ours any more, and who gave it out knows.
    }
  },
});
