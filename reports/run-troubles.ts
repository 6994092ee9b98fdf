import type { AbResult } from "../harness/ab/fold.js";
import { count } from "../harness/base/count.js";
import { ERRORS } from "../harness/base/errors.js";
import type { StressPlan } from "../harness/base/events.js";
import type { CampaignResult } from "../harness/stress/campaign.js";
import { abText } from "./ab-text.js";
import type { RunSummary } from "./row.js";
import { campaignText } from "./stress-text.js";
import { flakyIn, isEmptyShard, isMapCut } from "./summary.js";

/** What kept a run from being judged and belongs to none of its cases; a report that knows cases alone tells it as one. */
export interface Trouble {
  /** The same from night to night. */
  readonly name: string;
  /** As of a case: `failed` is held against the module or its firmware. */
  readonly verdict: "failed" | "broken";
  readonly code: string;
  readonly message: string;
  readonly advice: string;
}

/** The suite of a report that they stand in. */
export const TROUBLES_SUITE = "hil.run";

/** Why a run does not end with exit code 0 though no case says so: without them a report would call it passed. */
export function troublesOf(summary: RunSummary): Trouble[] {
  const { interrupted, cases, planned, counts, retired, strays, stress, ab } = summary;
  const troubles: Trouble[] = [];
  for (const campaign of stress?.campaigns ?? [])
    if (stress !== undefined && campaign.decision !== "accept") troubles.push(undeserved(campaign, stress.plan));
  if (ab !== undefined && ab.decision !== "failed" && ab.decision !== "not regressed") troubles.push(worse(ab));
  const broken = "broken" as const;
  const { advice } = ERRORS.ABORTED;
  if (interrupted) {
    const most = Math.max(planned, cases.length);
    const message = `the run ended before its time: ${cases.length} of ${most} cases had started`;
    troubles.push({ name: "interrupted", verdict: broken, code: "ABORTED", message, advice });
  } else if (counts.skipped === cases.length && !isEmptyShard(summary)) {
    const message = cases.length === 0 ? "no case was run" : `no case was judged: all ${cases.length} were skipped`;
    troubles.push({
      ...{ name: "nothing judged", verdict: broken, code: "USAGE", message },
      advice: "See why each of them was skipped.",
    });
  }
  for (const { rig, fault } of retired)
    troubles.push({ name: `rig ${rig} retired`, verdict: broken, ...inShort(fault) });
  for (const [index, { fault }] of strays.entries())
    troubles.push({ name: `stray ${index + 1}`, verdict: broken, ...inShort(fault) });
  for (const verdict of ["failed", broken] as const) {
    const flaky = flakyIn(summary).filter((entry) => entry.flaky === verdict);
    if (flaky.length === 0) continue;
    const message = `${count(flaky.length, "case")} ${verdict} before passing (--fail-on-flaky), the first of them ${flaky[0]?.case}`;
    troubles.push({
      name: `flaky, ${verdict} before`,
      verdict,
      code: "FLAKY",
      message,
      advice: "See the attempts before.",
    });
  }
  const isTold = troubles.length + counts.failed + counts.broken + counts.aborted > 0;
  if (!isTold && isMapCut(summary)) troubles.push(cutMap(summary));
  return troubles;
}

const cutMap = ({ counts, planned }: RunSummary): Trouble => ({
  ...{ name: "sweep", verdict: "broken", code: "USAGE" },
  message: `the map has ${counts.passed} of ${planned} points`,
  advice: "See why the others were skipped.",
});

function worse(ab: AbResult): Trouble {
  const isSlower = ab.decision === "regressed";
  return {
    name: `ab ${ab.plan.a} ${ab.plan.b}`,
    verdict: isSlower ? "failed" : "broken",
    code: isSlower ? "SLOWER" : "UNDECIDED",
    message: abText(ab).join("; "),
    advice: isSlower ? "See the stages that are slower." : "More cycles that pass would decide.",
  };
}

function undeserved(campaign: CampaignResult, plan: StressPlan): Trouble {
  const isRejected = campaign.decision === "reject";
  return {
    name: `stress ${plan.scenario} on ${campaign.rig}`,
    verdict: isRejected ? "failed" : "broken",
    code: isRejected ? "REJECTED" : "UNDECIDED",
    message: campaignText(campaign, plan).join("; "),
    advice: isRejected ? "See the cycles that failed." : "More cycles, or a rig that lets them count, would decide.",
  };
}

const inShort = ({ code, message, advice }: RunSummary["strays"][number]["fault"]) => ({ code, message, advice });
