import * as Plot from "@observablehq/plot";
import type { CampaignResult } from "../../harness/stress/campaign.js";
import { STATES } from "../../harness/stress/states.js";
import { AB_HEAD, abPlanText, abTable, abText } from "../ab-text.js";
import { campaignText, planText } from "../stress-text.js";
import { Chart } from "./chart.js";
import type { PageRun } from "./run.js";
import { Section, short, Wide } from "./words.js";

/** What the cycles of each rig came to, and by how much. */
export const Stress = ({ run }: { readonly run: PageRun }) => {
  const { stress } = run.summary;
  if (stress === undefined) return null;
  const { plan, campaigns } = stress;
  return (
    <Section id="stress" title="Cycles">
      <p class="lead">{short(planText(plan), 400)}</p>
      {campaigns.map((campaign) => (
        <article class={`campaign ${LOOKS[campaign.decision]}`}>
          {campaignText(campaign, plan).map((text, index) => (
            <p class={index === 0 ? "decision" : ""}>{short(text, 400)}</p>
          ))}
          <States campaign={campaign} />
        </article>
      ))}
      <Intervals campaigns={campaigns} p0={plan.p0} p1={plan.p1} />
    </Section>
  );
};

const LOOKS = { accept: "passed", reject: "failed", undecided: "broken" } as const;

const States = ({ campaign: { states } }: { readonly campaign: CampaignResult }) => (
  <ul class="counts">
    {STATES.filter((state) => states[state] > 0).map((state) => (
      <li>
        <b>{states[state]}</b> {state}
      </li>
    ))}
  </ul>
);

interface IntervalsProps {
  readonly campaigns: readonly CampaignResult[];
  readonly p0: number;
  readonly p1: number;
}

const Intervals = ({ campaigns, p0, p1 }: IntervalsProps) => {
  const rows = campaigns
    .filter(({ cycles }) => cycles > 0)
    .slice(0, 40)
    .map(({ rig, failures, cycles, interval }) => ({
      rig: short(rig, 40),
      rate: (100 * failures) / cycles,
      low: 100 * interval.low,
      high: 100 * interval.high,
    }));
  if (rows.length === 0) return null;
  const most = Math.min(100, 1.15 * Math.max(...rows.map(({ high }) => high), 100 * p1));
  return (
    <>
      <Chart
        label="The failure rate of each rig with its 95 % interval, and the two rates between which is decided"
        options={{
          width: 760,
          height: 60 + 24 * rows.length,
          marginLeft: 160,
          marginRight: 24,
          x: { domain: [0, most], label: "failed, %", grid: true },
          y: { label: null, domain: rows.map(({ rig }) => rig), tickSize: 0 },
          marks: [
            Plot.ruleX([100 * p0, 100 * p1], { strokeDasharray: "4 3", className: "limits" }),
            Plot.ruleY(rows, {
              x1: "low",
              x2: "high",
              y: "rig",
              strokeWidth: 5,
              strokeOpacity: 0.35,
            }),
            Plot.dot(rows, { x: "rate", y: "rig", r: 4.5, fill: "currentColor" }),
          ],
        }}
      />
      <p class="legend">
        Dashed: {100 * p0} % is good enough, {100 * p1} % is not.
      </p>
    </>
  );
};

/** Two firmwares held against each other. */
export const TwoFirmwares = ({ run }: { readonly run: PageRun }) => {
  const { ab } = run.summary;
  if (ab === undefined) return null;
  return (
    <Section id="ab" title="Two firmwares">
      <p class="lead">{short(abPlanText(ab.plan), 400)}</p>
      {abText(ab).map((text) => (
        <p>{short(text, 400)}</p>
      ))}
      <Wide label="Times of both firmwares">
        <table class="numbers">
          <thead>
            <tr>
              {AB_HEAD.map((head) => (
                <th scope="col">{head || "change"}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {abTable(ab)
              .slice(0, 200)
              .map(([stage = "", ...cells]) => (
                <tr>
                  <th scope="row">{short(stage, 60)}</th>
                  {cells.map((cell) => (
                    <td>{cell}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
};
