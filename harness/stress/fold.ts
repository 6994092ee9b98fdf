import type { Fact, StressPlan } from "../base/events.js";
import type { Decision } from "../stats/sprt.js";
import { Campaign, type CampaignResult } from "./campaign.js";
import { Cycles } from "./states.js";

/** What a stress run came to. */
export interface StressResult {
  readonly plan: StressPlan;
  /** One for each rig, in their order. Modules are not pooled: nobody knows that they are alike. */
  readonly campaigns: readonly CampaignResult[];
}

/** A stress run by its facts: the same while it runs and from its journal. */
export class StressFold {
  readonly #cycles = new Cycles();
  readonly #campaigns = new Map<string, Campaign>();
  #plan: StressPlan | undefined;

  hear(fact: Fact): void {
    if (fact.type === "run.started") this.#begin(fact);
    if (this.#plan === undefined) return;
    if (fact.type === "stray") this.#campaigns.get(fact.rig)?.spoil();
    const cycle = this.#cycles.hear(fact);
    if (cycle !== undefined) this.#campaigns.get(cycle.rig)?.add(cycle);
  }

  #begin({ rigs, stress: plan }: Extract<Fact, { type: "run.started" }>): void {
    this.#plan = plan;
    if (plan !== undefined) for (const rig of rigs) this.#campaigns.set(rig, new Campaign(rig, plan));
  }

  campaign(rig: string): Campaign | undefined {
    return this.#campaigns.get(rig);
  }

  /** `undefined` for a run that is no stress run. */
  result(): StressResult | undefined {
    if (this.#plan === undefined) return undefined;
    return { plan: this.#plan, campaigns: [...this.#campaigns.values()].map((campaign) => campaign.result()) };
  }
}

/** One decision for all: a module that is rejected counts more than one that is undecided. */
export function decisionOf({ campaigns }: Pick<StressResult, "campaigns">): Decision {
  const decisions = campaigns.map(({ decision }) => decision);
  if (decisions.includes("reject")) return "reject";
  return decisions.length === 0 || decisions.includes("undecided") ? "undecided" : "accept";
}
