import { count } from "../../harness/base/count.js";
import type { RunSummary } from "../row.js";
import { exitCodeOf, isEmptyShard } from "../summary.js";
import { verdictSentence } from "../verdict-sentence.js";
import { neverStarted, partsOnly } from "./coverage.js";
import { MARKS, type PageRun, VERDICTS } from "./run.js";
import { SIGNS, short, time, when } from "./words.js";

/** The word that is read from across the room. */
export function verdictWord(summary: RunSummary): string {
  const code = exitCodeOf(summary);
  if (code === 1) return "Reject";
  if (code === 2) return "Could not judge";
  if (isEmptyShard(summary)) return "Nothing to do";
  return partsOnly(summary).length > 0 ? "Accept, of a part" : "Accept";
}

const LOOKS = ["passed", "failed", "broken"] as const;

/** Whatever else is on the page, this is read first. */
export const Verdict = ({ run }: { readonly run: PageRun }) => {
  const { summary } = run;
  const { runId, wallTime, rigs, ms, harness } = summary;
  const parts = partsOnly(summary);
  const simulated = rigs.length > 0 && rigs.every((rig) => rig.simulated);
  const named = rigs.map(({ name, simulated: isSim }) => `${short(name, 60)}${isSim ? " (simulated)" : ""}`);
  const code = exitCodeOf(summary);
  return (
    <header class={`verdict ${LOOKS[code]}${code === 0 && parts.length > 0 ? " part" : ""}`} id="verdict">
      <p class="over">
        st67-hil {short(harness, 40)} · <span class="name">{short(runId, 80)}</span> · {when(wallTime)} · {time(ms)} of
        the rig’s time
      </p>
      <h1>{verdictWord(summary)}</h1>
      <p class="sentence">{verdictSentence(summary, (name) => short(name, 80)).replaceAll("**", "")}</p>
      <p class="over">
        On {named.slice(0, 8).join(", ") || "no rig"}
        {named.length > 8 && `, and ${named.length - 8} more`}
        {simulated && ": no real module took part in this"}
      </p>
      <Coverage run={run} parts={parts} />
    </header>
  );
};

/** How much of what was to be run has which verdict: one bar, and the numbers as text. */
const Coverage = ({ run, parts }: { readonly run: PageRun; readonly parts: readonly string[] }) => {
  const { summary, marks } = run;
  const { counts, cases } = summary;
  const never = neverStarted(summary);
  const all = cases.length + never;
  const segments = [
    ...VERDICTS.toReversed().map((verdict) => ({ name: verdict, number: counts[verdict] })),
    { name: "never", number: never },
  ];
  const sumTo = (end: number) => segments.slice(0, end).reduce((sum, { number }) => sum + number, 0);
  const marked = MARKS.map((mark) => [mark, [...marks.values()].filter((each) => each.includes(mark)).length] as const);
  return (
    <>
      <svg class="bar" width="100%" height="14" role="img" aria-label={`${cases.length} of ${all} cases were started`}>
        {segments.map(({ name, number }, index) =>
          number === 0 ? null : (
            <rect class={name} x={share(sumTo(index), all)} width={share(number, all)} y="0" height="14" />
          ),
        )}
      </svg>
      <ul class="counts">
        {VERDICTS.map((verdict) => (
          <li class={counts[verdict] > 0 ? verdict : "none"} data-count={verdict}>
            <span aria-hidden="true">{SIGNS[verdict]}</span> <b>{counts[verdict]}</b> {verdict}
          </li>
        ))}
        {never > 0 && (
          <li class="never" data-count="never">
            <b>{never}</b> never started
          </li>
        )}
        {marked.map(([mark, number]) =>
          number === 0 ? null : (
            <li class="mark" data-count={mark}>
              <b>{number}</b> {mark}
            </li>
          ),
        )}
      </ul>
      {parts.length > 0 && (
        <p class="partial" id="partial">
          <strong>Not the whole:</strong> {count(counts.passed + counts.failed, "case")} of {all} judged;{" "}
          {parts.join("; ")}.
        </p>
      )}
    </>
  );
};

const share = (part: number, all: number): string => `${Number(((100 * part) / Math.max(1, all)).toFixed(3))}%`;
