import { count } from "../../harness/base/count.js";
import type { Verdict } from "../../harness/base/events.js";
import { grouped } from "../groups.js";
import type { Row } from "../row.js";
import { FaultBlock, whoseOf } from "./fault.js";
import { type PageRun, placeOf, VERDICTS } from "./run.js";
import { stageOf } from "./where.js";
import { Badge, Name, Section, short } from "./words.js";

/** So many groups are told, and so many cases of each are named: the list of all cases has the rest. */
const MOST_GROUPS = 100;
const MOST_NAMES = 40;

interface Wrong {
  readonly index: number;
  readonly name: string;
  readonly verdict: Verdict;
  readonly stage: string;
  readonly fault: Row["fault"];
}

/** What went wrong, by stage and cause: a hundred cases that break in one way are one thing to look at. */
export const Failures = ({ run }: { readonly run: PageRun }) => {
  const groups = grouped(wrongIn(run), ({ verdict, stage, fault }) => [verdict, fault?.blame, fault?.code, stage]);
  if (groups.length === 0) return null;
  const rank = ([{ verdict }]: readonly [Wrong, ...Wrong[]]) => VERDICTS.indexOf(verdict as (typeof VERDICTS)[number]);
  groups.sort((a, b) => rank(a) - rank(b));
  return (
    <Section id="failures" title="What went wrong">
      <p class="lead">
        {count(
          groups.reduce((sum, { length }) => sum + length, 0),
          "case",
        )}{" "}
        in {count(groups.length, "group")}, by stage and cause.
      </p>
      {groups.slice(0, MOST_GROUPS).map((group) => (
        <Group group={group} />
      ))}
      {groups.length > MOST_GROUPS && <p>{count(groups.length - MOST_GROUPS, "more group")} below, among all cases.</p>}
    </Section>
  );
};

const Group = ({ group }: { readonly group: readonly [Wrong, ...Wrong[]] }) => {
  const [{ verdict, stage, fault }] = group;
  const [first] = group;
  return (
    <article class={`group ${verdict}`} data-cases={group.length}>
      <h3>
        <Badge verdict={verdict} /> {count(group.length, "case")} at <em>{short(stage, 100)}</em>
        {fault !== undefined && `: ${whoseOf(fault)}`}
      </h3>
      {fault === undefined ? (
        <p>Nothing was said of why.</p>
      ) : (
        <>
          {group.length > 1 && (
            <p class="of">
              The first of them, <a href={`#${placeOf(first.index)}`}>{short(first.name)}</a>, said:
            </p>
          )}
          <FaultBlock fault={fault} />
        </>
      )}
      <ul class="names">
        {group.slice(0, MOST_NAMES).map(({ index, name }) => (
          <li>
            <a href={`#${placeOf(index)}`}>
              <Name text={name} />
            </a>
          </li>
        ))}
        {group.length > MOST_NAMES && <li>and {group.length - MOST_NAMES} more</li>}
      </ul>
    </article>
  );
};

function wrongIn({ summary, rows }: PageRun): Wrong[] {
  const isWrong = ({ verdict }: { readonly verdict: Verdict }) => verdict === "failed" || verdict === "broken";
  const places = summary.cases.flatMap((entry, index) => (isWrong(entry) ? [index] : []));
  return Array.from(rows(isWrong), (row, at) => {
    // The entry tells the verdict that counts: an error that came to light later is in none of the case's own events.
    const index = places[at] ?? 0;
    const { verdict = row.verdict, fault } = summary.cases[index] ?? row;
    const said = fault?.code === row.fault?.code ? row.fault : fault;
    return { index, name: row.case, verdict, fault: said, stage: stageOf({ ...row, ...(said && { fault: said }) }) };
  });
}
