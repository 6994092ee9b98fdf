import * as Plot from "@observablehq/plot";
import { oneLine } from "../../harness/base/clean.js";
import { medianOf } from "../../harness/base/median.js";
import { quantileOf } from "../../harness/stats/quantiles.js";
import { type StageTimes, stageTimesOf } from "../stage-times.js";
import { Chart } from "./chart.js";
import type { PageRun } from "./run.js";
import { Section, short, time, Wide } from "./words.js";

/** So many rows are drawn, those that take longest; all stand in the table, up to so many. */
const MOST_DRAWN = 36;
const MOST_ROWS = 200;
/** Of a row so many points are drawn: more of them are one blot. */
const MOST_POINTS = 200;
/** What took no time has no place on a logarithmic axis. */
const LEAST_MS = 0.1;

/** How long each stage took, by the firmware that the case ends with. */
export const StageTimesOfRun = ({ run }: { readonly run: PageRun }) => {
  const all = stageTimesOf(run.rows(), oneLine).map((each) => ({ ...each, medianMs: medianOf(each.times) }));
  if (all.length === 0) return null;
  const longest = all.toSorted((a, b) => b.medianMs - a.medianMs);
  const drawn = longest.slice(0, MOST_DRAWN);
  const points = drawn.flatMap((row) =>
    thinned(row.times).map((ms) => ({ ms: Math.max(LEAST_MS, ms), row: rowName(row) })),
  );
  const medians = drawn.map((row) => ({ ms: Math.max(LEAST_MS, row.medianMs), row: rowName(row) }));
  return (
    <Section id="stages" title="How long the stages took">
      <p class="lead">A stroke is one case, a dot the median; the axis is logarithmic.</p>
      <Chart
        label={`The times of ${drawn.length} stages, by firmware; the numbers stand in the table below`}
        options={{
          width: 760,
          height: 40 + 18 * drawn.length,
          marginLeft: 230,
          marginRight: 16,
          x: { type: "log", label: "milliseconds", grid: true, ticks: 6, tickFormat: (ms: number) => `${ms}` },
          y: { label: null, domain: medians.map(({ row }) => row), tickSize: 0 },
          marks: [
            Plot.tickX(points, { x: "ms", y: "row", strokeOpacity: 0.55 }),
            Plot.dot(medians, { x: "ms", y: "row", r: 3.5, fill: "currentColor" }),
          ],
        }}
      />
      <details>
        <summary>the numbers</summary>
        <Wide label="Times of the stages">
          <table class="numbers">
            <thead>
              <tr>
                {["stage", "firmware", "times", "median", "p90", "longest"].map((head) => (
                  <th scope="col">{head}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {all.slice(0, MOST_ROWS).map((row) => (
                <tr>
                  <th scope="row">{short(row.stage, 60)}</th>
                  <td>{firmwareOf(row)}</td>
                  <td>{row.times.length}</td>
                  <td>{time(row.medianMs)}</td>
                  <td>{time(quantile(row.times, 0.9))}</td>
                  <td>{time(quantile(row.times, 1))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
        {all.length > MOST_ROWS && <p>{all.length - MOST_ROWS} more rows stand in metrics.txt.</p>}
      </details>
    </Section>
  );
};

const firmwareOf = ({ profile, version }: StageTimes): string =>
  profile === "" && version === "" ? "" : short(`${profile}@${version}`, 24);

const rowName = (row: StageTimes): string => `${short(row.stage, 28)}  ${firmwareOf(row)}`.trim();

const quantile = (times: readonly number[], share: number): number =>
  quantileOf(
    times.toSorted((a, b) => a - b),
    share,
  );

/** Evenly among them in their order: the shortest and the longest stay. */
function thinned(times: readonly number[]): number[] {
  const sorted = times.toSorted((a, b) => a - b);
  if (sorted.length <= MOST_POINTS) return sorted;
  const at = (index: number) => sorted[Math.round((index * (sorted.length - 1)) / (MOST_POINTS - 1))] ?? 0;
  return Array.from({ length: MOST_POINTS }, (_, index) => at(index));
}
