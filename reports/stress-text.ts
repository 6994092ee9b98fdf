import { count } from "../harness/base/count.js";
import type { StressPlan } from "../harness/base/events.js";
import type { CampaignResult, Standing } from "../harness/stress/campaign.js";
import { STATES } from "../harness/stress/states.js";

/** How it is decided, before the first cycle. */
export function planText({ scenario, method, p0, p1, alpha, beta, most, counts }: StressPlan): string {
  const limits = `failure rates of ${percent(p0)} and ${percent(p1)}, risks ${percent(alpha)} and ${percent(beta)}`;
  const what = counts === "bricked" ? "; recovered cycles do not count" : "";
  return method === "sprt"
    ? `cycles of ${scenario} until Wald's test decides between ${limits}, at most ${most}${what}`
    : `${count(most, "cycle")} of ${scenario}, judged once behind the last: ${limits}${what}`;
}

/** Where it stands after a cycle: an interval is shown at the end alone. */
export function standingText({ cycles, failures, test }: Standing): string {
  const so = `${cycles}: ${count(failures, "failure")}`;
  if (test === undefined) return so;
  const { llr, accept, reject } = test;
  return `${so}, LLR ${llr.toFixed(2)} (accepts at ${accept.toFixed(2)}, rejects at ${reject.toFixed(2)})`;
}

export const DECISIONS = { accept: "accepted", reject: "rejected", undecided: "undecided" } as const;

/** What one rig's module came to, a thought a line. */
export function campaignText(result: CampaignResult, { method, beta }: StressPlan): string[] {
  const { rig, decision, cycles, failures, bound, interval, outside, unproven, longestRun } = result;
  const more = [
    ...(longestRun > 1 ? [`${longestRun} failures in a row`] : []),
    ...(unproven > 0 ? [`${unproven} of them unproven: this rig cannot see all that is claimed`] : []),
    ...(outside > 0
      ? [
          `${count(outside, "cycle")} more said nothing of the module${result.isMostlyOutside ? ": too many to accept it" : ""}`,
        ]
      : []),
  ];
  if (cycles === 0) return [`${rig}: ${DECISIONS[decision]}: no cycle counts`, ...more];
  const rate = `${failures}/${cycles} = ${percent(failures / cycles)}`;
  const confidence = `with ${percent(1 - beta)} confidence below ${percent(bound)} (Clopper-Pearson, one-sided)`;
  return [
    `${rig}: ${DECISIONS[decision]} after ${count(cycles, "cycle")}: ${statesText(result)}`,
    `failure rate ${rate}; 95 % interval ${percent(interval.low)} to ${percent(interval.high)} (Wilson); ${confidence}`,
    ...(method === "sprt" ? ["both describe what was seen: the test ended as soon as it had seen enough"] : []),
    ...more,
  ];
}

/** `70 ok, 2 recovered (1 by rung 3, 1 by rung 5)` */
function statesText({ states, rungs }: CampaignResult): string {
  const told = STATES.filter((state) => states[state] > 0).map((state) => `${states[state]} ${state}`);
  const by = Object.entries(rungs).map(([rung, times]) => `${times} by rung ${rung}`);
  return `${told.join(", ")}${by.length > 0 ? ` (${by.join(", ")})` : ""}`;
}

/** Three figures are more than any of them is worth. */
export const percent = (rate: number): string => `${Number((100 * rate).toPrecision(3))} %`;
