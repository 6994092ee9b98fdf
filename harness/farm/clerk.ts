import { count } from "../base/count.js";
import { asHarnessError } from "../base/errors.js";
import type { Fact } from "../base/events.js";
import { Deliveries, type DeliveryParts } from "./deliveries.js";
import { KEYS } from "./keys.js";
import { parsed, Stop, Told } from "./messages.js";
import { readRigs } from "./rigs-seen.js";
import { tellRun } from "./stream.js";
import { KEPT_MS, Tenure, type TenureParts } from "./tenure.js";
import { asUnusable, isPassing } from "./trouble.js";
import { Watch } from "./watch.js";

interface ClerkParts extends TenureParts, Omit<DeliveryParts, "watch" | "tell"> {
  /** Whether case after case is to begin: Ctrl-C calls the run off. */
  readonly signal: AbortSignal;
  /** Whether the run is left as it is, for another clerk. */
  readonly left: AbortSignal;
  /** What came of the run's own journal: it cannot be written any more. */
  readonly tell: (text: string) => void;
}

/** So often the stream is read, and rigs are looked at, in ms. */
const READ_MS = 50;
const LOOK_MS = 500;
const LOOKS_A_LEASE = 20;
const ENTRIES = 500;
/** Before a server is asked again that takes nothing now, in ms. */
const AGAIN_MS = 1000;

/**
 * Has the jobs of a run done, and writes down what becomes of them: one process at a time, and any may go on where another one
 * was ended.
 */
export class Clerk {
  readonly #parts: ClerkParts;
  readonly #tenure: Tenure;
  readonly #watch: Watch;
  readonly #deliveries: Deliveries;
  #stop: Stop | undefined;

  constructor(parts: ClerkParts) {
    this.#parts = parts;
    this.#tenure = new Tenure(parts);
    this.#watch = new Watch(parts.order.runId, Math.min(LOOK_MS, parts.leaseMs / LOOKS_A_LEASE));
    this.#deliveries = new Deliveries({ ...parts, watch: this.#watch, tell: (told) => this.#tell(told) });
  }

  /** Until the run has ended, is left, or nobody is at it any more after it was called off. @throws HarnessError REDIS_UNUSABLE. */
  async work(): Promise<void> {
    const { book, client, order, left } = this.#parts;
    await this.#endure(() => this.#begin());
    while (!book.isOver && !left.aborted) await this.#endure(() => this.#turn());
    if (!book.isOver) return this.#tenure.leave();
    await this.#endure(async () => {
      await this.#tenure.remember();
      await client.del(KEYS.current(order.runId), KEYS.stop(order.runId));
      await client.srem(KEYS.runs, order.runId);
      await this.#tenure.leave();
    });
  }

  async #begin(): Promise<void> {
    await this.#tenure.begin();
    await this.#read();
    await this.#seeRigs();
    for (const job of this.#parts.book.jobs.values())
      if (job.phase === "waiting") await this.#deliveries.handAgain(job);
  }

  async #turn(): Promise<void> {
    const { clock } = this.#parts;
    const isNews = await this.#read();
    if (isNews || this.#watch.isDue(clock.now())) await this.#look();
    if (!isNews) await clock.sleep(READ_MS);
  }

  /** Once more where the server takes nothing now: what it has forgotten of that is seen as of any agent that says nothing. */
  async #endure(deed: () => Promise<void>): Promise<void> {
    const { clock, patienceMs, signal, tell } = this.#parts;
    for (const endMs = clock.now() + patienceMs, told = new Set<string>(); ; await clock.sleep(AGAIN_MS))
      try {
        return await deed();
      } catch (error) {
        if (!isPassing(error) || signal.aborted || clock.now() > endMs) throw error;
        const { message } = asHarnessError(asUnusable(error));
        if (!told.has(message)) tell(`waits for it: ${message}`);
        told.add(message);
      }
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
      for (const [id, [, json]] of entries) {
        // Who stood still, at whatever moment, may have been replaced, and what it writes would be written twice.
        if (this.#tenure.isDoubtful) await this.#tenure.hold();
        const entry = parsed(Told, json);
        if (entry === undefined) tell(`an entry of the run's stream was passed over: it has another form`);
        book.hear(id, entry ?? { kind: "fact", atMs: 0, fact: { type: "run.warned", message: FORM } });
        isNews = true;
      }
      if (entries.length < ENTRIES) return isNews;
    }
  }

  async #seeRigs(): Promise<void> {
    const { client, clock } = this.#parts;
    await this.#tenure.hold();
    this.#watch.look(await readRigs(client), clock.now());
  }

  async #look(): Promise<void> {
    const { client, order, book, signal } = this.#parts;
    await this.#seeRigs();
    this.#stop = parsed(Stop, await client.get(KEYS.stop(order.runId))) ?? this.#stop;
    if (signal.aborted && this.#stop?.cancel !== true) await this.#callOff(true, String(signal.reason?.message));
    const { maxFailures } = order;
    if (maxFailures !== undefined && book.failures >= maxFailures && this.#stop === undefined)
      await this.#callOff(false, `${count(book.failures, "case")} failed or broke before (--max-failures)`);
    for (const job of book.jobs.values()) await this.#deliveries.see(job, this.#stop);
    if ([...book.jobs.values()].every((job) => this.#deliveries.isDone(job, this.#stop))) await this.#end();
  }

  async #callOff(cancel: boolean, reason: string): Promise<void> {
    this.#stop = { cancel, reason };
    await this.#parts.client.set(KEYS.stop(this.#parts.order.runId), JSON.stringify(this.#stop), "PX", KEPT_MS);
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
  }

  /** It stands in the stream, and in the book. */
  async #tell(told: Told): Promise<void> {
    await tellRun(this.#parts.client, this.#parts.order.runId, told);
    await this.#read();
  }
}

const FORM = "an entry of the run's stream has another form, and was passed over";
