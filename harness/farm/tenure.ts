import type { Redis } from "ioredis";
import { HarnessError } from "../base/errors.js";
import type { Clock } from "../base/time.js";
import { hold, type Owner, release } from "./hold.js";
import { KEYS } from "./keys.js";
import type { Order } from "./messages.js";

/** What is known of a run in Redis is kept so long after it was last at work, or after its last word, in ms. */
export const KEPT_MS = 7 * 24 * 3_600_000;
/** So often that is put off, in ms. */
const REMEMBER_MS = 3_600_000;

/** Field of a run's hash: how many clerks it has had. No job is called so. */
const CLERKS = "clerks";

/** Another process goes on with the run: nothing of it is written down here any more. */
export class ReplacedError extends HarnessError {
  constructor(run: string, other: Owner | undefined) {
    const who = other === undefined ? "another process has" : `pid ${other.pid} on ${other.host} has`;
    super("RIG_BUSY", `${run}: ${who} gone on with this run`, {
      advice: "This process stood still for longer than its lease. The other one writes the reports.",
    });
  }
}

export interface TenureParts {
  readonly client: Redis;
  readonly clock: Clock;
  readonly self: Owner;
  readonly order: Order;
  /** Of agents and clerks: one that nothing was heard of for so long has lost its job. */
  readonly leaseMs: number;
}

/** That a run is this clerk's, from its beginning on until it is given up or another one has it. */
export class Tenure {
  readonly #parts: TenureParts;
  /** When the run was last known to be ours. */
  #heldMs = Number.NEGATIVE_INFINITY;
  /** Of this clerk: the run may have had others. */
  #number = 0;
  #rememberedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: TenureParts) {
    this.#parts = parts;
  }

  async begin(): Promise<void> {
    const { client, order } = this.#parts;
    this.#number = await client.hincrby(KEYS.current(order.runId), CLERKS, 1);
    await this.remember();
  }

  /** From now on all that is known of the run is kept for `KEPT_MS`. */
  async remember(): Promise<void> {
    const { client, clock, order } = this.#parts;
    this.#rememberedMs = clock.now();
    for (const key of [KEYS.order, KEYS.told, KEYS.current]) await client.pexpire(key(order.runId), KEPT_MS);
  }

  /** Whether it is so long ago that another one may have it by now. */
  get isDoubtful(): boolean {
    const { clock, leaseMs } = this.#parts;
    return clock.now() - this.#heldMs > leaseMs / 2;
  }

  /** @throws ReplacedError where somebody else writes the run down, or has meanwhile; HarnessError REDIS_UNUSABLE. */
  async hold(): Promise<void> {
    const { client, clock, order, self, leaseMs } = this.#parts;
    const askedMs = clock.now();
    const other = await hold(client, KEYS.clerk(order.runId), self, leaseMs);
    if (other !== undefined) throw new ReplacedError(order.runId, other);
    const last = await client.hget(KEYS.current(order.runId), CLERKS);
    // Asked behind it: a server that forgets all in between has not replaced anybody.
    if ((await client.exists(KEYS.order(order.runId))) === 0)
      throw new HarnessError("REDIS_UNUSABLE", `the farm's server has forgotten the run ${order.runId}`);
    // One that has come and gone while this one stood still, or has ended the run.
    if (Number(last) !== this.#number) throw new ReplacedError(order.runId, undefined);
    this.#heldMs = askedMs;
    if (askedMs - this.#rememberedMs >= REMEMBER_MS) await this.remember();
  }

  async leave(): Promise<void> {
    const { client, order, self } = this.#parts;
    await release(client, KEYS.clerk(order.runId), self);
  }
}
