import type { Fact } from "../base/events.js";

/**
 * What a cycle came to, the best first. `ok after retry` and `recovered`: it passed, and the recovery ladder had been climbed
 * for it, up to rung 2 or higher; or, in mid-work, something had been begun again. `failed`: the claim did not hold, and the module is there. `bricked`: no rung helped it.
 */
export const STATES = ["ok", "ok after retry", "recovered", "failed", "bricked"] as const;
export type State = (typeof STATES)[number];

/** A cycle that has ended. */
export interface Cycle {
  readonly case: string;
  readonly rig: string;
  /** `undefined`: it says nothing of the module, since rig, link, harness or operator ended it, or it was skipped. */
  readonly state: State | undefined;
  /** The rung that brought the module back. */
  readonly rung?: number;
  /** It passed, and something of its claim could not be seen on this rig. */
  readonly unproven?: true;
}

interface Open {
  worst: State;
  rung: number | undefined;
}

/** Tells of each case what it came to as a cycle, from the facts that are told of it. */
export class Cycles {
  readonly #open = new Map<string, Open>();

  /** @returns the cycle that has just ended. */
  hear(fact: Fact): Cycle | undefined {
    switch (fact.type) {
      case "case.started":
        this.#open.set(fact.case, { worst: "ok", rung: undefined });
        return undefined;
      case "recovered":
        this.#climbed(fact);
        return undefined;
      case "note":
        if (fact.again) this.#begunAgain(fact.case);
        return undefined;
      case "case.ended":
        return this.#ended(fact);
      default:
        return undefined;
    }
  }

  #climbed({ case: name, state, rung }: Extract<Fact, { type: "recovered" }>): void {
    const open = this.#open.get(name);
    const told = STATES.find((each) => each === state);
    if (open === undefined || told === undefined || isBetter(told, open.worst)) return;
    open.rung = told === open.worst ? Math.max(rung, open.rung ?? 0) : rung;
    open.worst = told;
  }

  /** No rung was climbed, and the first try was not enough. */
  #begunAgain(name: string): void {
    const open = this.#open.get(name);
    if (open !== undefined && isBetter(open.worst, "ok after retry")) open.worst = "ok after retry";
  }

  #ended({ case: name, rig, verdict, fault, reason }: Extract<Fact, { type: "case.ended" }>): Cycle {
    const open = this.#open.get(name);
    this.#open.delete(name);
    const place = { case: name, rig };
    if (verdict === "failed") return { ...place, state: fault?.code === "MODULE_BRICKED" ? "bricked" : "failed" };
    // Nothing passes that has not begun: a journal comes from outside.
    if (verdict !== "passed" || open === undefined) return { ...place, state: undefined };
    const { worst, rung } = open;
    // The scenario itself may have seen a brick, and gone on: it passed.
    return {
      ...place,
      state: worst === "bricked" ? "recovered" : worst,
      ...(rung !== undefined && { rung }),
      ...(reason !== undefined && { unproven: true }),
    };
  }
}

const isBetter = (one: State, other: State): boolean => STATES.indexOf(one) < STATES.indexOf(other);
