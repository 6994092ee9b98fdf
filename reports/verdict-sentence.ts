import type { AbResult } from "../harness/ab/fold.js";
import { count } from "../harness/base/count.js";
import type { Blame } from "../harness/base/errors.js";
import { decisionOf, type StressResult } from "../harness/stress/fold.js";
import { AB_WORDS } from "./ab-text.js";
import { grouped } from "./groups.js";
import { code } from "./markdown.js";
import type { RunSummary } from "./row.js";
import { DECISIONS } from "./stress-text.js";
import { exitCodeOf, flakyIn, isEmptyShard, isMapCut } from "./summary.js";

/** Whose an error is. Blames of another version of the harness are nobody's known here. */
export const WHOSE: Readonly<Record<Blame, string>> = {
  module: "the module's",
  firmware: "the firmware's",
  link: "the link's",
  rig: "the rig's",
  config: "the configuration's",
  harness: "the harness's",
  operator: "stopped from outside",
  unknown: "nobody knows whose",
};

/**
 * What the run came to, in one sentence of our own words and numbers, in Markdown.
 *
 * @param named how a name that comes from the run is shown.
 */
export function verdictSentence(summary: RunSummary, named: (name: string) => string = code): string {
  const { cases, counts, flaky } = summary;
  const all = count(cases.length, "case");
  const exitCode = exitCodeOf(summary);
  const { shard, stress, ab } = summary;
  if (ab !== undefined) {
    const word = exitCode === 2 && ab.decision === "not regressed" ? UNJUDGED : AB_WORDS[ab.decision];
    return `**${word}**: ${[sidesOf(ab, named), ...troublesIn(summary)].join("; ")}.`;
  }
  if (stress !== undefined) return stressSentence(stress, summary, named);
  if (shard !== undefined && isEmptyShard(summary))
    return `**Nothing to do**: there are fewer cases than shards, and shard ${shard.index} of ${shard.of} has none.`;
  if (exitCode === 0) {
    const others = [
      ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
      ...(flaky > 0 ? [`${flaky} only after another attempt`] : []),
    ];
    return `**Passed**: ${counts.passed} of ${all}${others.length > 0 ? ` (${others.join(", ")})` : ""}.`;
  }
  const unjudged = counts.broken + counts.aborted;
  const besides = [
    ...(unjudged > 0 ? [`${unjudged} of ${all} (${whoseOf(summary, ["broken", "aborted"])})`] : []),
    ...troublesIn(summary),
  ].join("; ");
  if (exitCode === 2) return `**${UNJUDGED}**: ${besides}.`;
  const flaked = flakyIn(summary).filter((entry) => entry.flaky === "failed").length;
  const failed = [
    ...(counts.failed > 0 ? [`${counts.failed} of ${all} (${whoseOf(summary, ["failed"])})`] : []),
    ...(flaked > 0 ? [`${flaked} of ${all} passed only after another attempt (--fail-on-flaky)`] : []),
  ].join("; ");
  return besides === "" ? `**Failed**: ${failed}.` : `**Failed**: ${failed}. ${UNJUDGED}: ${besides}.`;
}

const UNJUDGED = "Could not judge";
const WORDS = { accept: "Accepted", reject: "Rejected", undecided: "Undecided" } as const;

function stressSentence(stress: StressResult, summary: RunSummary, named: (name: string) => string): string {
  const told = stress.campaigns.map((campaign) => {
    const { rig, decision, cycles, failures } = campaign;
    const so = `${count(cycles, "cycle")}, ${count(failures, "failure")}`;
    return stress.campaigns.length === 1 ? so : `${named(rig)} ${DECISIONS[decision]}, ${so}`;
  });
  const besides = troublesIn(summary);
  const decision = decisionOf(stress);
  const word = decision === "accept" && exitCodeOf(summary) !== 0 ? UNJUDGED : WORDS[decision];
  return `**${word}**: ${[...told, ...besides].join("; ")}.`;
}

const sidesOf = ({ a, b }: AbResult, named: (name: string) => string): string =>
  [a, b]
    .map(({ firmware, cycles, failures }) => `${named(firmware)} ${failures} of ${count(cycles, "cycle")} failed`)
    .join(", ");

/** What `troublesOf` tells, in numbers. */
const troublesIn = (summary: RunSummary, flaky = flakyIn(summary)): string[] => {
  const { interrupted, cases, counts, retired, strays, planned } = summary;
  return [
    ...(interrupted ? ["the run was interrupted"] : []),
    ...(isMapCut(summary) ? [`the map has ${counts.passed} of ${planned} points`] : []),
    ...(!interrupted && counts.skipped === cases.length ? ["no case was judged"] : []),
    ...(retired.length > 0 ? [`${count(retired.length, "rig")} retired`] : []),
    ...(strays.length > 0 ? [count(strays.length, "stray error")] : []),
    ...(flaky.some((entry) => entry.flaky === "broken") ? ["flaky by our own fault (--fail-on-flaky)"] : []),
  ];
};

function whoseOf({ cases }: RunSummary, verdicts: readonly string[]): string {
  const wrong = cases.filter(({ verdict }) => verdicts.includes(verdict));
  const blames = wrong.map(({ verdict, fault }) => fault?.blame ?? (verdict === "aborted" ? "operator" : "unknown"));
  const groups = grouped(
    blames.map((blame) => (Object.hasOwn(WHOSE, blame) ? WHOSE[blame] : WHOSE.unknown)),
    (whose) => [whose],
  );
  return groups.map(([whose, ...more]) => (groups.length > 1 ? `${more.length + 1} ${whose}` : whose)).join(", ");
}
