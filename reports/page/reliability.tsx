import * as Plot from "@observablehq/plot";
import { clopperPearsonUpper, wilson } from "../../harness/stats/intervals.js";
import { percent } from "../stress-text.js";
import { Chart } from "./chart.js";
import type { PageRun } from "./run.js";
import { Section, short, Wide } from "./words.js";

const MOST_ROWS = 40;
const CONFIDENCE = 0.95;

interface Rate {
  readonly name: string;
  failures: number;
  judged: number;
}

/** What the cases of each scenario prove of its failure rate on each rig: modules are not pooled. */
export const Reliability = ({ run }: { readonly run: PageRun }) => {
  const rates = ratesIn(run);
  if (rates.length === 0) return null;
  const rows = rates.slice(0, MOST_ROWS).map((rate) => {
    const { low, high } = wilson(rate.failures, rate.judged, CONFIDENCE);
    const bound = clopperPearsonUpper(rate.failures, rate.judged, CONFIDENCE);
    return { ...rate, low: 100 * low, high: 100 * high, rate: (100 * rate.failures) / rate.judged, bound };
  });
  return (
    <Section id="reliability" title="How sure?">
      <p class="lead">
        Failure rates with their 95 % interval (Wilson). “None failed” proves the less, the fewer cases there were.
        Cases that broke are in no number, and cases on one module are not independent of each other.
      </p>
      <Chart
        label="Failure rates by scenario and rig; the numbers stand in the table below"
        options={{
          width: 760,
          height: 46 + 22 * rows.length,
          marginLeft: 230,
          marginRight: 24,
          x: { domain: [0, 100], label: "failed, %", grid: true },
          y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
          marks: [
            Plot.ruleY(rows, {
              x1: "low",
              x2: "high",
              y: "name",
              strokeWidth: 5,
              strokeOpacity: 0.35,
            }),
            Plot.dot(rows, { x: "rate", y: "name", r: 4.5, fill: "currentColor" }),
          ],
        }}
      />
      <details>
        <summary>the numbers</summary>
        <Wide label="Failure rates">
          <table class="numbers">
            <thead>
              <tr>
                {["scenario, rig", "failed", "judged", "rate", "95 % interval", "below, with 95 %"].map((head) => (
                  <th scope="col">{head}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, failures, judged, rate, low, high, bound }) => (
                <tr>
                  <th scope="row">{name}</th>
                  <td>{failures}</td>
                  <td>{judged}</td>
                  <td>{percent(rate / 100)}</td>
                  <td>
                    {percent(low / 100)} to {percent(high / 100)}
                  </td>
                  <td>{percent(bound)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
        {rates.length > rows.length && <p>{rates.length - rows.length} more scenarios are not shown.</p>}
      </details>
    </Section>
  );
};

function ratesIn({ summary: { cases, rigs } }: PageRun): Rate[] {
  const rates = new Map<string, Rate>();
  for (const { scenario, rig, verdict } of cases) {
    if (verdict !== "passed" && verdict !== "failed") continue;
    const name = short(rigs.length > 1 ? `${short(scenario, 30)}, ${rig}` : scenario, 40);
    const rate = rates.get(name) ?? { name, failures: 0, judged: 0 };
    rates.set(name, rate);
    rate.judged++;
    if (verdict === "failed") rate.failures++;
  }
  return [...rates.values()].sort((a, b) => b.failures / b.judged - a.failures / a.judged);
}
