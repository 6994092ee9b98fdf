import type { Redis } from "ioredis";
import { z } from "zod";
import { asHarnessError } from "../base/errors.js";
import type { Clock } from "../base/time.js";
import { hold, type Owner, release } from "./hold.js";
import { KEYS, needsQueue } from "./keys.js";
import { type Delivery, parsed, type RigRecord, Stop } from "./messages.js";
import type { Taken } from "./queues.js";
import { asUnusable } from "./trouble.js";

/** What a rig is about. */
export interface Work {
  readonly of: Delivery;
  readonly taken: Taken;
  /** ISO 8601 with Z. */
  readonly since: string;
  /** Name of the case under way. */
  case?: string;
}

export interface PresenceParts {
  readonly client: Redis;
  readonly clock: Clock;
  readonly self: Owner;
  readonly leaseMs: number;
  readonly tell: (text: string) => void;
  /** What is told of the rig now. */
  readonly record: () => Omit<RigRecord, "beat" | "agent" | "host" | "pid" | "work">;
  readonly work: () => Work | undefined;
  /** Redis has answered that the rig, or the job on it, is not ours. */
  readonly lost: (why: string, work: Work) => void;
  readonly stopped: (stop: Stop, work: Work) => void;
}

/** So often an agent shows that it lives, and asks whether its job is still its own, for each lease. */
const BEATS_A_LEASE = 20;
const LONGEST_BEAT_MS = 1000;

const Needs = z.array(z.string());

/** That a rig is worked by this agent, as others see it: told again and again, and asked. */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #rig: string;
  #beats = 0;
  #other: Owner | undefined;
  #isHeld = false;
  #queues: readonly string[] = [];
  /** Why others do not see it, as it was told last. */
  #unseen: string | undefined;

  constructor(rig: string, parts: PresenceParts) {
    this.#rig = rig;
    this.#parts = parts;
  }

  /** This agent alone works the rig. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Those whose needs the rig has; what needs most comes first. */
  get queues(): readonly string[] {
    return this.#queues;
  }

  /** Until `over`. While Redis gives no answer nothing is told, and the work goes on. */
  async beatOn(over: AbortSignal): Promise<void> {
    const { clock, leaseMs } = this.#parts;
    const everyMs = Math.min(LONGEST_BEAT_MS, leaseMs / BEATS_A_LEASE);
    while (!over.aborted) {
      await this.beat().then(
        () => {
          this.#unseen = undefined;
        },
        (error: unknown) => (over.aborted ? undefined : this.#tellUnseen(error)),
      );
      await clock.sleep(everyMs, over).catch(() => undefined);
    }
  }

  /** The server has an answer, and it is no good one. */
  #tellUnseen(error: unknown): void {
    const { message } = asHarnessError(asUnusable(error));
    if (this.#unseen !== message) this.#parts.tell(`${this.#rig}: cannot show that it is at work: ${message}`);
    this.#unseen = message;
  }

  async beat(): Promise<void> {
    const { client, self, leaseMs, tell, lost, stopped } = this.#parts;
    const work = this.#parts.work();
    const other = await hold(client, KEYS.holder(this.#rig), self, leaseMs);
    if (other !== undefined) {
      const why = `another agent works ${this.#rig}: pid ${other.pid} on ${other.host}`;
      if (this.#other?.id !== other.id) tell(why);
      this.#other = other;
      this.#isHeld = false;
      if (work !== undefined) lost(why, work);
      return;
    }
    this.#other = undefined;
    await this.#tell(work);
    this.#isHeld = true;
    if (work === undefined) return;
    const { run, job } = work.of;
    if (!(await work.taken.extend()))
      lost(`the lock of job ${job} is not that of the agent of ${this.#rig} any more`, work);
    const stop = parsed(Stop, await client.get(KEYS.stop(run)));
    if (stop !== undefined) stopped(stop, work);
  }

  async leave(): Promise<void> {
    const { client, self } = this.#parts;
    if (!this.#isHeld) return;
    this.#isHeld = false;
    await client.del(KEYS.record(this.#rig));
    await release(client, KEYS.holder(this.#rig), self);
  }

  async #tell(work: Work | undefined): Promise<void> {
    const { client, self, leaseMs, record } = this.#parts;
    const told: RigRecord = {
      ...record(),
      ...{ agent: self.id, host: self.host, pid: self.pid, beat: ++this.#beats },
      ...(work !== undefined && {
        work: {
          ...{ run: work.of.run, job: work.of.job, delivery: work.of.delivery, since: work.since },
          ...(work.case !== undefined && { case: work.case }),
        },
      }),
    };
    await client.set(KEYS.record(this.#rig), JSON.stringify(told), "PX", leaseMs);
    await client.sadd(KEYS.rigs, this.#rig);
    const needs = (await client.smembers(KEYS.needs)).map((json) => parsed(Needs, json));
    this.#queues = needs
      .filter((each) => each !== undefined)
      .filter((each) => each.every((need) => told.has.includes(need)))
      .sort((a, b) => b.length - a.length)
      .map(needsQueue);
  }
}
