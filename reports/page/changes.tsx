import { count } from "../../harness/base/count.js";
import type { StageChange } from "../../harness/stats/compare-times.js";
import { grouped } from "../groups.js";
import type { PageChange } from "./past.js";
import { type PageRun, placeOf } from "./run.js";
import { Name, Section, short, time, when } from "./words.js";

const MOST = 60;
const WORSE = ["regressed", "new", "slower"];

/** What differs from the baseline, and nothing else. */
export const Changes = ({ run }: { readonly run: PageRun }) => {
  const { comparison } = run.past;
  if (comparison === undefined)
    return (
      <Section id="changes" title="Against the run before">
        <p>
          No run of the same cases was found to hold this one against, and none was named by <code>--baseline</code>:
          whether this is better or worse than before nobody can say.
        </p>
      </Section>
    );
  const { before, changes, timing, doubts } = comparison;
  const stages = timing.filter(({ change }) => change !== undefined);
  const groups = grouped(changes, ({ change }) => [change]);
  groups.sort(([a], [b]) => Number(WORSE.includes(b.change)) - Number(WORSE.includes(a.change)));
  const places = new Map(run.summary.cases.map((entry, index) => [entry.case, index]));
  return (
    <Section id="changes" title="Against the run before">
      <p class="lead">
        Held against <span class="name">{short(before.runId, 80)}</span> of {when(before.wallTime)}:{" "}
        {changes.length + stages.length === 0
          ? doubts.length === 0
            ? "no change."
            : "nothing can be told."
          : `${count(changes.length, "case")} and ${count(stages.length, "stage")} changed.`}
      </p>
      {doubts.length > 0 && (
        <ul class="doubts">
          {doubts.map((doubt) => (
            <li>in doubt: {short(doubt, 300)}</li>
          ))}
        </ul>
      )}
      {groups.map((group) => (
        <div class={`change ${WORSE.includes(group[0].change) ? "worse" : ""}`} data-change={group[0].change}>
          <h3>
            {short(group[0].change, 40)}: {count(group.length, "case")}
          </h3>
          <ul class="names">
            {group.slice(0, MOST).map((each) => (
              <li>
                <Changed change={each} place={places.get(each.case)} />
              </li>
            ))}
            {group.length > MOST && <li>and {group.length - MOST} more</li>}
          </ul>
        </div>
      ))}
      {stages.length > 0 && (
        <ul class="names">
          {stages.slice(0, MOST).map((stage) => (
            <li class={stage.change === "slower" ? "worse" : ""}>{stageText(stage)}</li>
          ))}
        </ul>
      )}
    </Section>
  );
};

const Changed = ({ change, place }: { readonly change: PageChange; readonly place: number | undefined }) => {
  const { case: name, now, since } = change;
  return (
    <>
      {place === undefined ? (
        <Name text={name} />
      ) : (
        <a href={`#${placeOf(place)}`}>
          <Name text={name} />
        </a>
      )}
      {now?.code !== undefined && (
        <>
          {" "}
          <code>{short(now.code, 60)}</code>
        </>
      )}
      {since !== undefined &&
        `; fails since ${short(since.label, 60)}; ${
          since.passed === undefined ? "no older one has passed" : `passed with ${short(since.passed, 60)}`
        }`}
    </>
  );
};

function stageText({ stage, change, ratio, low, high, interval, before, after }: StageChange): string {
  const range = interval === "range" ? "too few to prove it: all within" : "95 % interval";
  return `${short(stage, 60)} is ${change}: ${percent(ratio)} (${range} ${percent(low)} to ${percent(high)}); median ${time(before.median)}, now ${time(after.median)}`;
}

const percent = (ratio: number): string => `${ratio < 1 ? "" : "+"}${(100 * (ratio - 1)).toFixed(1)} %`;
