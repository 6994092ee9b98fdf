import { renderToString } from "preact-render-to-string";
import { Brief, Case } from "./case.js";
import type { PageRun } from "./run.js";

/** So many cases are told in full, those that did not pass first; a line is left for the others. */
const MOST_TOLD = 2000;
/** Of so many what went over the wire is drawn: reading and drawing one takes some 45 ms, and 30 kB. */
const MOST_DRAWN = 60;

/** Every case of the run, in its order, as pieces of markup. */
export function* allCases(run: PageRun): Generator<string> {
  const order = byNeed(run);
  const told = new Set(order.slice(0, MOST_TOLD));
  const drawn = new Set(order.slice(0, MOST_DRAWN));
  for (const index of run.summary.cases.keys())
    yield told.has(index)
      ? renderToString(<Case run={run} index={index} withTrace={drawn.has(index)} />)
      : renderToString(<Brief run={run} index={index} />);
}

/** The places of all cases, those first that somebody wants to look into. */
function byNeed({ summary: { cases }, marks }: PageRun): number[] {
  const rank = (index: number): number => {
    const verdict = cases[index]?.verdict;
    if (verdict === "failed" || verdict === "broken") return 0;
    return marks.has(index) || verdict === "aborted" ? 1 : 2;
  };
  return [...cases.keys()].sort((a, b) => rank(a) - rank(b) || a - b);
}
