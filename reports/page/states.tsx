import { count } from "../../harness/base/count.js";
import { isEndOfLadder } from "../case-fold.js";
import { grouped } from "../groups.js";
import type { CaseEntry } from "../row.js";
import { neverStarted } from "./coverage.js";
import { type MarkOf, type PageRun, placeOf } from "./run.js";
import { Badge, Name, Section, short } from "./words.js";

const MOST = 60;

/** What was not run, and why: it is never left to be missed. */
export const NotRun = ({ run: { summary } }: { readonly run: PageRun }) => {
  const { cases } = summary;
  const indexed = cases.map((entry, index) => ({ entry, index }));
  const notRun = indexed.filter(({ entry: { verdict } }) => verdict === "skipped" || verdict === "aborted");
  const never = neverStarted(summary);
  if (notRun.length === 0 && never === 0) return null;
  const groups = grouped(notRun, ({ entry }) => [entry.verdict, why(entry)]);
  return (
    <Section id="not-run" title="Not run">
      <ul class="groups">
        {never > 0 && (
          <li>
            <b>{count(never, "case")}</b> never started: the run ended before {never === 1 ? "it" : "them"}.
          </li>
        )}
        {groups.slice(0, MOST).map((group) => (
          <li>
            <Badge verdict={group[0].entry.verdict} /> <b>{count(group.length, "case")}</b>:{" "}
            {short(why(group[0].entry), 300)}
            <Names all={group} />
          </li>
        ))}
        {groups.length > MOST && <li>and for {groups.length - MOST} more reasons</li>}
      </ul>
    </Section>
  );
};

const why = ({ reason, fault }: CaseEntry): string => reason ?? fault?.message ?? "no reason was given";

const Names = ({ all }: { readonly all: readonly { readonly entry: CaseEntry; readonly index: number }[] }) => (
  <details>
    <summary>which</summary>
    <ul class="names">
      {all.slice(0, MOST).map(({ entry, index }) => (
        <li>
          <a href={`#${placeOf(index)}`}>
            <Name text={entry.case} />
          </a>
        </li>
      ))}
      {all.length > MOST && <li>and {all.length - MOST} more</li>}
    </ul>
  </details>
);

const TITLES: Readonly<Record<MarkOf, readonly [title: string, what: string]>> = {
  flaky: ["Flaky", "Passed only after an attempt that did not."],
  recovered: ["Recovered", "Passed after the recovery ladder had brought the module back."],
  unproven: ["Unproven", "Passed, but something of the claim cannot be seen on this rig."],
};

/** Cases that passed, and are worth a look all the same. */
export const Marked = ({ run, mark }: { readonly run: PageRun; readonly mark: MarkOf }) => {
  const { summary, marks } = run;
  const found = [...marks].filter(([, all]) => all.includes(mark)).map(([index]) => index);
  if (found.length === 0) return null;
  const [title, what] = TITLES[mark];
  return (
    <Section id={mark} title={title}>
      <p class="lead">{what}</p>
      <ul class="marked">
        {found.slice(0, MOST).map((index) => (
          <li>
            <a href={`#${placeOf(index)}`}>
              <Name text={summary.cases[index]?.case ?? ""} />
            </a>
            : {short(toldOf(run, index, mark), 300)}
          </li>
        ))}
        {found.length > MOST && <li>and {found.length - MOST} more</li>}
      </ul>
    </Section>
  );
};

function toldOf(run: PageRun, index: number, mark: MarkOf): string {
  const { reason, attempts, troubles } = run.told(index).row;
  if (mark === "unproven") return reason ?? "";
  if (mark === "recovered") return troubles.filter(isEndOfLadder).join("; ");
  const before = attempts.map(({ verdict, fault }) => `${verdict}${fault === undefined ? "" : ` (${fault.code})`}`);
  return `${before.join(", ")}, then passed`;
}
