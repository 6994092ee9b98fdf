import type { Redis } from "ioredis";
import type { Fact } from "../base/events.js";
import type { Clock } from "../base/time.js";
import type { WearBudget } from "../history/wear-budget.js";
import type { Crew } from "../run/lanes/crew.js";
import type { Blobs } from "./blobs.js";
import type { Owner } from "./hold.js";
import type { Order } from "./messages.js";
import type { Queues } from "./queues.js";
import type { Examined } from "./rig-state.js";

/** A rig, as the agent on its machine can use it. */
export interface RigAtWork {
  readonly name: string;
  /** What a case may need of it; each firmware profile that it may be given as `profile:t01`. */
  readonly has: readonly string[];
  readonly simulated: boolean;
  /**
   * Lanes for a run; nothing is started yet.
   *
   * @param folder of the run on this rig. @param firmware folder of the package.
   */
  crew(
    order: Order,
    folder: string,
    firmware: string | undefined,
  ): (emit: (fact: Fact, atMs: number) => void, signal: AbortSignal, sinceMs: number) => Crew;
  /** Doctor, and the reference firmware on the module. @throws the signal's reason. */
  examine(signal: AbortSignal): Promise<Examined>;
  /** Who at the bench uses it, in words; nothing is taken. */
  busy(): string | undefined;
  /** What its module may still take. */
  wear(): Promise<WearBudget>;
  /** Books what a run has done to the module, by its folder on this machine. Never throws. */
  book(folder: string): Promise<void>;
}

/** What all rigs of an agent share. */
export interface AgentParts {
  readonly client: Redis;
  readonly queues: Queues;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly self: Owner;
  readonly leaseMs: number;
  /** Folder of the journals on this machine. */
  readonly out: string;
  readonly harness: string;
  /** See `scenariosHash`: of the files as they are now. */
  readonly scenarios: () => string;
  /** Lays a firmware package on this machine. @returns its folder. */
  readonly fetch: (parcel: string) => Promise<string>;
  readonly tell: (text: string) => void;
  /** Aborts when the agent is to end. */
  readonly signal: AbortSignal;
  /** ISO 8601 with Z. */
  readonly now: () => string;
}
