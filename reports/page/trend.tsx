import * as Plot from "@observablehq/plot";
import { Chart } from "./chart.js";
import { type PageRun, VERDICTS } from "./run.js";
import { Section, SIGNS, short, Wide, when } from "./words.js";

/** How the same cases went before, night by night. */
export const Trend = ({ run }: { readonly run: PageRun }) => {
  const { runs, stages } = run.past;
  if (runs.length < 2) return null;
  const names = runs.map(({ wallTime }, index) => `${index + 1}. ${wallTime.slice(5, 10)}`);
  const bars = runs.flatMap(({ counts }, index) =>
    VERDICTS.map((verdict) => ({ run: names[index] ?? "", verdict, cases: counts[verdict] })),
  );
  const places = new Map(
    runs.map(({ runId, wallTime }, index) => [JSON.stringify([runId, wallTime]), names[index] ?? ""]),
  );
  return (
    <Section id="trend" title="The nights before">
      <p class="lead">The last {runs.length} runs of the same cases, the oldest first; the last one is this run.</p>
      <Chart
        label="Verdicts of past runs; the numbers stand in the table below"
        options={{
          width: 760,
          height: 190,
          marginBottom: 34,
          x: { label: null, domain: names, tickSize: 0, padding: 0.25 },
          y: { label: "cases", grid: true, nice: true },
          marks: VERDICTS.toReversed().map((verdict) =>
            Plot.barY(
              bars
                .map((bar) => ({ ...bar, ...stackOf(bars, bar) }))
                .filter((bar) => bar.verdict === verdict && bar.cases > 0),
              { x: "run", y1: "y1", y2: "y2", className: verdict },
            ),
          ),
        }}
      />
      {stages.map(({ stage, points }) => {
        const drawn = points.flatMap(({ runId, wallTime, firmware = "", medianMs }) => {
          const name = places.get(JSON.stringify([runId, wallTime]));
          return name === undefined ? [] : [{ run: name, firmware: short(firmware, 24), seconds: medianMs / 1000 }];
        });
        if (new Set(drawn.map((point) => point.run)).size < 2) return null;
        return (
          <>
            <h3>{short(stage, 60)}, median in seconds</h3>
            <Chart
              label={`Median of ${short(stage, 60)} in past runs, by firmware`}
              options={{
                width: 760,
                height: 150,
                marginBottom: 34,
                marginRight: 150,
                x: { type: "point", label: null, domain: names, tickSize: 0 },
                y: { label: "s", grid: true, nice: true, zero: true },
                marks: [
                  Plot.link(steps(drawn), { x1: "run", y1: "seconds", x2: "nextRun", y2: "next", strokeOpacity: 0.6 }),
                  Plot.dot(drawn, { x: "run", y: "seconds", r: 3, fill: "currentColor" }),
                  Plot.text(apart(lastOfEach(drawn)), {
                    ...{ x: "run", y: "seconds", text: "firmware", textAnchor: "start", dx: 8 },
                  }),
                ],
              }}
            />
          </>
        );
      })}
      <details>
        <summary>the numbers</summary>
        <Wide label="Past runs">
          <table class="numbers">
            <thead>
              <tr>
                {["run", "when", "exit code", ...VERDICTS].map((head) => (
                  <th scope="col">{head}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {runs.map(({ runId, wallTime, exitCode, interrupted, counts }) => (
                <tr>
                  <th scope="row">{short(runId, 60)}</th>
                  <td>{when(wallTime)}</td>
                  <td>
                    {exitCode}
                    {interrupted && ", interrupted"}
                  </td>
                  {VERDICTS.map((verdict) => (
                    <td>
                      {SIGNS[verdict]} {counts[verdict]}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </details>
    </Section>
  );
};

interface Bar {
  readonly run: string;
  readonly verdict: (typeof VERDICTS)[number];
  readonly cases: number;
}

/** From where to where a bar reaches; what passed lies at the bottom. */
function stackOf(bars: readonly Bar[], { run, verdict, cases }: Bar): { y1: number; y2: number } {
  const below = VERDICTS.slice(VERDICTS.indexOf(verdict) + 1);
  const y1 = bars
    .filter((bar) => bar.run === run && below.includes(bar.verdict))
    .reduce((sum, bar) => sum + bar.cases, 0);
  return { y1, y2: y1 + cases };
}

function lastOfEach<T extends { readonly firmware: string }>(points: readonly T[]): T[] {
  return [...new Map(points.map((point) => [point.firmware, point])).values()];
}

interface Point {
  readonly run: string;
  readonly firmware: string;
  readonly seconds: number;
}

/** From each point to the next one of the same firmware. */
function steps(points: readonly Point[]): object[] {
  return points.flatMap((point, index) => {
    const next = points.slice(index + 1).find(({ firmware }) => firmware === point.firmware);
    return next === undefined ? [] : [{ ...point, nextRun: next.run, next: next.seconds }];
  });
}

/** So much of the height of a picture a line of text takes. */
const TEXT_SHARE = 0.12;

/** One text for those that lie so close together that they would cover each other. */
function apart(points: readonly Point[]): Point[] {
  const most = Math.max(...points.map(({ seconds }) => seconds));
  const told: Point[] = [];
  for (const point of points.toSorted((a, b) => b.seconds - a.seconds)) {
    const last = told.at(-1);
    if (last === undefined || last.seconds - point.seconds > TEXT_SHARE * most) told.push(point);
    else
      told[told.length - 1] = {
        ...last,
        firmware: `${last.firmware.replace(/ and \d+ more$/, "")} and ${moreIn(last) + 1} more`,
      };
  }
  return told;
}

const moreIn = ({ firmware }: Point): number => Number(/ and (\d+) more$/.exec(firmware)?.[1] ?? 0);
