import type { StressPlan } from "../base/events.js";
import { judgeFixed } from "../stats/fixed-plan.js";
import { clopperPearsonUpper, type Interval, wilson } from "../stats/intervals.js";
import { type Decision, Sprt } from "../stats/sprt.js";
import { type Cycle, STATES, type State } from "./states.js";

/** Where the cycles of one rig stand. */
export interface Standing {
  /** Those that count: whatever rig, link or harness broke is in none of these numbers. */
  readonly cycles: number;
  readonly failures: number;
  /** Where the sequential test stands: its log-likelihood ratio, and the bounds at which it decides. */
  readonly test?: { readonly llr: number; readonly accept: number; readonly reject: number };
}

/** What they have come to. */
export interface CampaignResult extends Standing {
  readonly rig: string;
  readonly decision: Decision;
  readonly states: Readonly<Record<State, number>>;
  /** By rung: how many cycles it brought the module back in. */
  readonly rungs: Readonly<Record<string, number>>;
  /** Cycles that say nothing of the module. */
  readonly outside: number;
  /** Of those that count: so many passed, and something of the claim could not be seen on this rig. */
  readonly unproven: number;
  /** Too many said nothing of the module for it to be accepted. */
  readonly isMostlyOutside: boolean;
  /** So many failures came in a row: cycles on one module are not independent of each other. */
  readonly longestRun: number;
  /** One-sided Clopper-Pearson: the failure rate is below it, with a confidence of 1 - beta. 1 where nothing was judged. */
  readonly bound: number;
  /** Wilson, 95 %: for display. After a sequential test both are descriptive: it ended when it liked what it saw. */
  readonly interval: Interval;
}

const DISPLAYED = 0.95;
/** A rig may break so many cycles, or this part of all, and its module is still accepted: our choice. */
const [FEW_OUTSIDE, OUTSIDE_SHARE] = [3, 0.2];

/**
 * Decides on one rig's module by its cycles. The plan was made before the first one: a fixed number of them, judged once
 * behind the last, or Wald's sequential test with an end. Whatever is shown meanwhile decides nothing.
 */
export class Campaign {
  readonly #rig: string;
  readonly #plan: StressPlan;
  readonly #sprt: Sprt | undefined;
  readonly #states = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  readonly #rungs: Record<string, number> = {};
  #cycles = 0;
  #failures = 0;
  #outside = 0;
  #unproven = 0;
  #outsideInARow = 0;
  #run = 0;
  #longestRun = 0;
  #isSpoiled = false;

  constructor(rig: string, plan: StressPlan) {
    this.#rig = rig;
    this.#plan = plan;
    this.#sprt = plan.method === "sprt" ? new Sprt({ ...plan, max: plan.most }) : undefined;
  }

  /** What it has come to; `undefined`: it goes on. */
  get decision(): Decision | undefined {
    const found = this.#found;
    // What was found against the module stands.
    if (found === "reject") return found;
    if (this.#isSpoiled || (found === "accept" && this.isMostlyOutside)) return "undecided";
    return found;
  }

  /** So many cycles said nothing of the module that it may be the module which ends them. */
  get isMostlyOutside(): boolean {
    return this.#outside > FEW_OUTSIDE && this.#outside > OUTSIDE_SHARE * (this.#cycles + this.#outside);
  }

  get #found(): Decision | undefined {
    // Every further cycle on this module fails.
    if (this.#states.bricked > 0) return "reject";
    if (this.#sprt !== undefined) return this.#sprt.decision;
    if (this.#cycles < this.#plan.most) return undefined;
    return judgeFixed({ ...this.#plan, failures: this.#failures, cycles: this.#cycles });
  }

  /** How many cycles in a row, up to the last one, said nothing of the module. */
  get outsideInARow(): number {
    return this.#outsideInARow;
  }

  get outside(): number {
    return this.#outside;
  }

  get cycles(): number {
    return this.#cycles;
  }

  /** A cycle that was counted was not what it seemed: its scenario left an error behind that came to light later. */
  spoil(): void {
    this.#isSpoiled = true;
  }

  add({ state, rung, unproven }: Pick<Cycle, "state" | "rung" | "unproven">): void {
    if (state === undefined || this.#found !== undefined) {
      this.#outside++;
      this.#outsideInARow++;
      return;
    }
    this.#outsideInARow = 0;
    this.#cycles++;
    this.#states[state]++;
    if (unproven) this.#unproven++;
    if (rung !== undefined) this.#rungs[rung] = (this.#rungs[rung] ?? 0) + 1;
    const failed = isFailure(state, this.#plan.counts);
    this.#sprt?.add(failed);
    if (failed) this.#failures++;
    this.#run = failed ? this.#run + 1 : 0;
    this.#longestRun = Math.max(this.#longestRun, this.#run);
  }

  /** For whoever looks on: no interval is looked at before the end. */
  get standing(): Standing {
    const [cycles, failures] = [this.#cycles, this.#failures];
    return {
      cycles,
      failures,
      ...(this.#sprt !== undefined && { test: { llr: this.#sprt.llr, ...this.#sprt.bounds } }),
    };
  }

  result(): CampaignResult {
    const { cycles, failures } = this.standing;
    const { beta } = this.#plan;
    return {
      rig: this.#rig,
      decision: this.decision ?? "undecided",
      ...this.standing,
      ...{ states: { ...this.#states }, rungs: { ...this.#rungs } },
      outside: this.#outside,
      unproven: this.#unproven,
      isMostlyOutside: this.isMostlyOutside,
      longestRun: this.#longestRun,
      bound: clopperPearsonUpper(failures, cycles, 1 - beta),
      interval: wilson(failures, cycles, DISPLAYED),
    };
  }
}

/**
 * Whatever is not ok counts. Where only bricks are to count, a module that comes back by the ladder does not; a claim that did
 * not hold does in any case, or a scenario that always fails would be accepted.
 */
const isFailure = (state: State, counts: StressPlan["counts"]): boolean =>
  counts === "all" ? state !== "ok" : state === "failed" || state === "bricked";
