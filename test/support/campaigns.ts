import type { Fact, StressPlan } from "../../harness/base/events.js";
import { randomOf } from "../../harness/base/random.js";
import type { CampaignResult } from "../../harness/stress/campaign.js";
import { StressFold } from "../../harness/stress/fold.js";

/** Of the mean number of cycles that the same test took elsewhere, in 4000 simulated runs each. */
const NEAR = 0.1;

interface CoinPlan {
  readonly p0: number;
  readonly p1: number;
  readonly most: number;
  /** Mean numbers of cycles at p0 and at p1. */
  readonly usual: readonly [number, number];
}

/** What the nightly takes. */
export const NIGHTLY: CoinPlan = { p0: 0.01, p1: 0.05, most: 720, usual: [114, 78] };
export const PLANS: readonly CoinPlan[] = [
  NIGHTLY,
  { p0: 0.001, p1: 0.01, most: 3260, usual: [416, 247] },
  { p0: 0.005, p1: 0.02, most: 1940, usual: [337, 240] },
  { p0: 0.01, p1: 0.03, most: 1450, usual: [299, 227] },
];

/** A module that fails with probability `rate`, on a rig that breaks every tenth cycle by itself. */
function campaignOf(plan: StressPlan, rate: number, random: () => number): CampaignResult {
  const fold = new StressFold();
  const started = { wallTime: "2026-11-28T00:00:00Z", runId: "coin", harness: "0", seed: 1, rigs: ["coin"], cases: 0 };
  fold.hear({ type: "run.started", ...started, stress: plan });
  for (let n = 1; fold.campaign("coin")?.decision === undefined; n++) {
    const place = { case: `toss #${n}`, scenario: "toss", rig: "coin" };
    fold.hear({ type: "case.started", ...place, properties: {} });
    if (random() < 0.1) fold.hear({ type: "case.ended", ...place, verdict: "broken" });
    else for (const fact of cycleOf(place, random() < rate, random)) fold.hear(fact);
  }
  return fold.campaign("coin")?.result() as CampaignResult;
}

/** A failure is one of the three that leave a module to go on with. */
function* cycleOf(
  place: { case: string; scenario: string; rig: string },
  fails: boolean,
  random: () => number,
): Generator<Fact> {
  const how = Math.floor(3 * random());
  if (fails && how === 0) yield { type: "recovered", case: place.case, state: "ok after retry", rung: 1 };
  if (fails && how === 1) yield { type: "recovered", case: place.case, state: "recovered", rung: 5 };
  yield { type: "case.ended", ...place, verdict: fails && how === 2 ? "failed" : "passed" };
}

/** What many campaigns came to, of a module that is as good as `p0` says, and of one as bad as `p1`. */
interface Tossed {
  readonly told: string;
  /** What must not be so. */
  readonly wrong: readonly string[];
}

/**
 * Campaigns of the real engine in which a coin stands for the module. The risk of a wrong decision may be alpha / (1 - beta), as
 * Wald has it, and three standard errors of so many campaigns.
 */
export function toss({ p0, p1, most, usual }: CoinPlan, campaigns: number, seed: number): Tossed[] {
  const [alpha, beta] = [0.05, 0.05];
  const plan: StressPlan = { scenario: "toss", method: "sprt", ...{ p0, p1, alpha, beta, most }, counts: "all" };
  return [p0, p1].map((rate, index) => {
    const random = randomOf(seed, `campaigns ${p0} ${p1} ${rate}`);
    const results = Array.from({ length: campaigns }, () => campaignOf(plan, rate, random));
    const bad = index === 0 ? "reject" : "accept";
    const wrong = results.filter(({ decision }) => decision === bad).length;
    const undecided = results.filter(({ decision }) => decision === "undecided").length;
    const mean = results.reduce((sum, { cycles }) => sum + cycles, 0) / campaigns;
    const risk = index === 0 ? alpha / (1 - beta) : beta / (1 - alpha);
    const most = Math.floor(campaigns * (risk + 3 * Math.sqrt((risk * (1 - risk)) / campaigns)));
    const expected = usual[index] ?? 0;
    const who = `${percent(p0)} against ${percent(p1)}, module at ${percent(rate)}`;
    return {
      told: `${who.padEnd(40)}wrong ${wrong} of ${campaigns} (at most ${most}), undecided ${undecided}, cycles ${mean.toFixed(0)} (usual ${expected})`,
      wrong: [
        ...(wrong > most ? [`${who}: ${wrong} wrong decisions`] : []),
        ...(Math.abs(mean - expected) > NEAR * expected ? [`${who}: ${mean} cycles, expected about ${expected}`] : []),
      ],
    };
  });
}

const percent = (rate: number): string => `${100 * rate} %`;
