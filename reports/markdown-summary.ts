import { oneLine } from "../harness/base/clean.js";
import { count } from "../harness/base/count.js";
import type { Verdict } from "../harness/base/events.js";
import { medianOf } from "../harness/base/median.js";
import { STRAP_SCENARIO } from "../harness/base/strap-timing.js";
import { AB_HEAD, abPlanText, abTable, abText } from "./ab-text.js";
import { grouped } from "./groups.js";
import { code, table } from "./markdown.js";
import { matrixOf } from "./matrix.js";
import type { CaseEntry, RunSummary } from "./row.js";
import { troublesOf } from "./run-troubles.js";
import { stageTimesOf } from "./stage-times.js";
import type { Story } from "./story.js";
import { strapMapOf } from "./strap-map.js";
import { strapMapLines } from "./strap-map-text.js";
import { campaignText, planText } from "./stress-text.js";
import { duration, firstLine } from "./text.js";
import { verdictSentence } from "./verdict-sentence.js";

/** GitHub takes 1 MiB of a step. So many rows of each kind, of so many characters a cell, are some ten kilobytes. */
const MOST_ROWS = 20;
const NAME_CHARS = 120;
const SENTENCE_CHARS = 300;
const MOST_MAP_LINES = 80;

/** A run on one screen of Markdown, as GitHub shows it below a job. */
export function* renderMarkdown(story: Story): Generator<string> {
  const { summary } = story;
  yield `## st67-hil: ${code(summary.runId, NAME_CHARS)}\n\n${verdictSentence(summary)}\n\n`;
  yield* lines(aboutOf(summary));
  yield* section("Stress", stressIn(summary));
  yield* section("Two firmwares", abIn(summary));
  yield* section("Troubles of the run", troublesIn(summary));
  yield* section("Warnings", list(summary.warnings.map((each) => `- ${code(firstLine(each))}`)));
  yield* section("What went wrong", wrongIn(summary));
  yield* section("From firmware to firmware", transitionsIn(story));
  yield* section("Strap timing", strapsIn(story));
  yield* section("Flaky", flakyIn(summary));
  yield* section("Not run", notRunIn(summary));
  yield* section("Slowest stages", slowestIn(story));
}

function* section(title: string, content: readonly string[]): Generator<string> {
  if (content.length > 0) yield* lines(["", `### ${title}`, "", ...content]);
}

function* lines(content: readonly string[]): Generator<string> {
  for (const line of content) yield `${line}\n`;
}

function aboutOf({
  rigs,
  firmwares,
  counts,
  flaky,
  cases,
  planned,
  ms,
  harness,
  seed,
  shard,
  left,
}: RunSummary): string[] {
  const rig = ({ name, simulated }: RunSummary["rigs"][number]) =>
    code(name, NAME_CHARS) + (simulated ? " (a simulated module)" : "");
  const firmware = ([label, sha256]: [string, string]) => `${code(label, NAME_CHARS)} (${code(sha256, SHA_CHARS)})`;
  const told = Object.entries(counts).filter(([, number]) => number > 0);
  const numbers = told.map(([verdict, number]) => `${number} ${verdict}`);
  return [
    `- Rigs: ${bounded(rigs.map(rig))}`,
    ...(Object.keys(firmwares).length > 0 ? [`- Firmware: ${bounded(Object.entries(firmwares).map(firmware))}`] : []),
    `- Cases: ${[...numbers, ...(flaky > 0 ? [`${flaky} flaky`] : [])].join(", ") || "none"}; ${cases.length} of ${Math.max(planned, cases.length)} started, in ${duration(ms)}`,
    ...(left.length > 0 ? [`- On the module in the end: ${bounded(left.map(tellLeft))}`] : []),
    `- Harness: ${code(harness, NAME_CHARS)}, seed ${seed}${shard === undefined ? "" : `, shard ${shard.index} of ${shard.of}`}`,
  ];
}

const tellLeft = ({ rig, firmware, reason = "nobody knows" }: RunSummary["left"][number]): string =>
  `${code(rig, NAME_CHARS)}: ${firmware === undefined ? `not known: ${code(reason, NAME_CHARS)}` : code(firmware, NAME_CHARS)}`;

const stressIn = ({ stress }: RunSummary): string[] =>
  stress === undefined
    ? []
    : [
        `- Plan: ${code(planText(stress.plan), SENTENCE_CHARS)}`,
        ...list(
          stress.campaigns
            .flatMap((each) => campaignText(each, stress.plan))
            .map((text) => `- ${code(text, SENTENCE_CHARS)}`),
        ),
      ];

const abIn = ({ ab }: RunSummary): string[] =>
  ab === undefined
    ? []
    : [
        `- ${code(abPlanText(ab.plan), SENTENCE_CHARS)}`,
        ...list(abText(ab).map((text) => `- ${code(text, SENTENCE_CHARS)}`)),
        "",
        ...tableOf(
          AB_HEAD.map((name) => name || "change"),
          abTable(ab).map((row) => row.map((cell) => (cell === "" ? "" : code(cell)))),
        ),
      ];

const troublesIn = (summary: RunSummary): string[] =>
  list(
    troublesOf(summary).map(
      ({ name, code: of, message, advice }) =>
        `- ${code(name, NAME_CHARS)}: ${code(of)} ${code(firstLine(message))} ${code(firstLine(advice))}`,
    ),
  );

function wrongIn({ cases }: RunSummary): string[] {
  const wrong = cases.filter(({ verdict }) => verdict === "failed" || verdict === "broken");
  const groups = grouped(wrong, ({ verdict, scenario, fault }) => [verdict, scenario, fault?.code]);
  const rows = groups
    .sort(([{ verdict: a }], [{ verdict: b }]) => Number(b === "failed") - Number(a === "failed"))
    .map(([first, ...more]) => [
      first.verdict,
      code(first.scenario, NAME_CHARS),
      code(first.fault?.code ?? "no code"),
      String(more.length + 1),
      code(first.case, NAME_CHARS),
      code(firstLine(first.fault?.message ?? "")),
    ]);
  return tableOf(["Verdict", "Scenario", "Code", "Cases", "First of them", "What it says"], rows);
}

const flakyIn = ({ cases }: RunSummary): string[] =>
  list(
    cases
      .filter(({ flaky }) => flaky !== undefined)
      .map((entry) => `- ${code(entry.case, NAME_CHARS)}: ${entry.flaky}, then passed`),
  );

function notRunIn({ cases, planned }: RunSummary): string[] {
  const notRun = cases.filter(({ verdict }) => verdict === "skipped" || verdict === "aborted");
  const why = ({ reason, fault }: CaseEntry) => firstLine(reason ?? fault?.message ?? "no reason was given");
  const groups = grouped(notRun, (entry) => [entry.verdict, why(entry)]);
  const never = planned - cases.length;
  return [
    ...list(
      groups.map(([first, ...more]) => `- ${count(more.length + 1, "case")} ${first.verdict}: ${code(why(first))}`),
    ),
    ...(never > 0 ? [`- ${count(never, "case")} never started`] : []),
  ];
}

const MARKS: Readonly<Record<Verdict, string>> = {
  passed: "✓",
  failed: "✗ failed",
  broken: "broken",
  aborted: "aborted",
  skipped: "skipped",
};

function transitionsIn(story: Story): string[] {
  const { firmwares, cell } = matrixOf(story.rows());
  if (firmwares.length < 2) return [];
  const sorted = firmwares.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const shown = sorted.slice(0, MOST_ROWS);
  const mark = (before: string, after: string) => {
    const found = cell(before, after);
    if (found === undefined) return "";
    const { verdict, count: times, of, code: why } = found;
    const isWrong = verdict === "failed" || verdict === "broken";
    const told = isWrong && why !== undefined ? `${MARKS[verdict]} ${code(why)}` : MARKS[verdict];
    return of > 1 && times < of ? `${told} (${times} of ${of})` : told;
  };
  return [
    ...table(
      ["from, to", ...shown.map((after) => code(after, NAME_CHARS))],
      shown.map((before) => [code(before, NAME_CHARS), ...shown.map((after) => mark(before, after))]),
    ),
    ...(sorted.length > shown.length ? ["", ...restOf(sorted)] : []),
  ];
}

/** Numbers and words of ours alone. */
function strapsIn(story: Story): string[] {
  const map = strapMapOf(story.rows(story.summary.cases.filter(({ scenario }) => scenario === STRAP_SCENARIO)));
  if (map === undefined) return [];
  const lines = strapMapLines(map);
  const rest = lines.length - MOST_MAP_LINES;
  const more = rest > 0 ? [`and ${rest} more lines in the other reports`] : [];
  return ["```", ...lines.slice(0, MOST_MAP_LINES), ...more, "```"];
}

const SLOWEST = 5;

function slowestIn(story: Story): string[] {
  const stages = stageTimesOf(story.rows(), oneLine).map((each) => ({ ...each, medianMs: medianOf(each.times) }));
  const slowest = stages.sort((a, b) => b.medianMs - a.medianMs).slice(0, SLOWEST);
  const rows = slowest.map(({ stage, profile, version, times, medianMs }) => [
    code(stage, NAME_CHARS),
    profile === "" && version === "" ? "" : code(`${profile}@${version}`, NAME_CHARS),
    String(times.length),
    stageTime(medianMs),
    stageTime(times.reduce((most, ms) => Math.max(most, ms), 0)),
  ]);
  return tableOf(["Stage", "Firmware", "Times", "Median", "Longest"], rows);
}

const stageTime = (ms: number): string => (ms < 1000 ? `${ms.toFixed(1)} ms` : duration(ms));

const SHA_CHARS = 12;

const bounded = (shown: readonly string[]): string =>
  [...shown.slice(0, MOST_ROWS), ...(shown.length > MOST_ROWS ? [`and ${shown.length - MOST_ROWS} more`] : [])].join(
    ", ",
  );

const list = (items: readonly string[]): string[] => [...items.slice(0, MOST_ROWS), ...restOf(items)];

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0
    ? []
    : [...table(head, rows.slice(0, MOST_ROWS)), ...(rows.length > MOST_ROWS ? [""] : []), ...restOf(rows)];

const restOf = ({ length }: readonly unknown[]): string[] =>
  length > MOST_ROWS ? [`- and ${length - MOST_ROWS} more in the other reports`] : [];
