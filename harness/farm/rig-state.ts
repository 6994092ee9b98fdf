import { count } from "../base/count.js";
import type { RigState } from "./messages.js";

/** So many faults in a row, and nobody gives the rig any work. */
const MOST_FAULTS = 3;

/** What a look at a rig came to. */
export interface Examined {
  /** What is wrong: no work. */
  readonly fault?: string;
  /** What somebody should see to: it works all the same. */
  readonly doubt?: string;
}

/** How a rig stands, by what was seen of it. */
export class Standing {
  #state: RigState = "unknown";
  #reason: string | undefined = "it was not looked at yet";
  #faults = 0;
  #doubt: string | undefined;
  /** Whether it is to be looked at before it gets work. */
  #isDue = true;

  get state(): RigState {
    return this.#state;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  get isDue(): boolean {
    return this.#isDue && this.#state !== "failing";
  }

  /** What doctor and the reference firmware came to. What they find in order is no end of a row: a job is. */
  examined({ fault, doubt }: Examined): void {
    if (fault !== undefined) {
      this.fault(fault);
      return;
    }
    this.#isDue = false;
    this.#doubt = doubt;
    this.#settle();
  }

  /** A job broke by a fault of the rig, or it was found to have one. */
  fault(reason: string): void {
    this.#faults += 1;
    this.#isDue = true;
    this.#state = this.#faults >= MOST_FAULTS ? "failing" : "degraded";
    this.#reason = reason;
  }

  /** A job that the rig broke nothing of. */
  good(): void {
    this.#faults = 0;
    this.#settle();
  }

  /** No look and no other job helps. */
  retire(reason: string): void {
    this.#faults = MOST_FAULTS;
    this.#state = "failing";
    this.#reason = reason;
  }

  #settle(): void {
    this.#reason = this.#faults === 0 ? this.#doubt : `${count(this.#faults, "fault")} of its own in a row`;
    this.#state = this.#reason === undefined ? "healthy" : "degraded";
  }
}
