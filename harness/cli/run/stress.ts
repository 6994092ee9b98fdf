import type { Story } from "../../../reports/story.js";
import type { StressPlan } from "../../base/events.js";
import type { Chosen } from "../../run/lanes/choose.js";
import { cycle } from "../../run/lanes/cycles.js";
import type { CampaignResult } from "../../stress/campaign.js";
import { decisionOf, StressFold, type StressResult } from "../../stress/fold.js";
import { STATES } from "../../stress/states.js";
import type { Course } from "./course.js";

interface Circumstances {
  readonly seed: number;
  readonly rigs: number;
}

/** Cycles of the cases on each rig, until it is decided on. */
export function stressCourse(plan: StressPlan, { seed, rigs }: Circumstances): Course {
  const fold = new StressFold();
  return {
    started: { stress: plan, cases: plan.method === "fixed" ? plan.most * rigs : 0 },
    // Each cycle that flashes erases every sector once, at the least.
    erases: (cases) => (cases.some(flashes) ? plan.most : 0),
    hear: (fact) => fold.hear(fact),
    conduct: (parts) => cycle({ ...parts, seed, judge: (rig) => fold.campaign(rig) }),
    told: ({ summary }: Story) => ({
      document: { ...documentOf(summary.stress), interrupted: summary.interrupted },
      lines: [],
    }),
  };
}

const flashes = ({ firmwares, before, after }: Chosen): boolean =>
  firmwares.length > 0 || before !== undefined || after !== undefined;

/** For programs. Modules are judged by themselves: the numbers of several are added up, and `decision` and `bound` are the worst. */
function documentOf(result: StressResult | undefined): object {
  if (result === undefined) return { decision: "undecided" };
  const { plan, campaigns } = result;
  const sum = (of: (each: CampaignResult) => number) => campaigns.reduce((total, each) => total + of(each), 0);
  return {
    decision: decisionOf(result),
    cycles: sum(({ cycles }) => cycles),
    failures: sum(({ failures }) => failures),
    states: Object.fromEntries(STATES.map((state) => [state, sum(({ states }) => states[state])])),
    bound: Math.max(...campaigns.map(({ bound }) => bound)),
    outside: sum(({ outside }) => outside),
    plan,
    rigs: campaigns,
  };
}
