import { count } from "../../harness/base/count.js";
import { troublesOf } from "../run-troubles.js";
import type { PageRun } from "./run.js";
import { longText, Section, short } from "./words.js";

/** So many of a kind are told one by one; the rest is a number. */
const MOST = 50;

/** What stands between the verdict and whoever believes it: rigs, lanes, strays, warnings. */
export const Clouds = ({ run }: { readonly run: PageRun }) => {
  const { warnings, lost, leftovers } = run.summary;
  const troubles = troublesOf(run.summary);
  if (troubles.length + warnings.length + lost.length + leftovers.length === 0) return null;
  return (
    <Section id="clouds" title="What clouds it">
      <ul class="clouds">
        {troubles.slice(0, MOST).map(({ name, verdict, code, message, advice }) => (
          <li class={verdict}>
            <b>{short(name)}</b> <code>{short(code, 60)}</code>
            <p class="said">{longText(message, 1500)}</p>
            <p class="advice">{longText(advice, 1000)}</p>
          </li>
        ))}
        {lost.slice(0, MOST).map(({ rig, fault }) => (
          <li class="broken">
            <b>a lane of {short(rig, 80)} ended before its time</b> <code>{short(fault.code, 60)}</code>
            <p class="said">{longText(fault.message, 1500)}</p>
          </li>
        ))}
        {warnings.slice(0, MOST).map((warning) => (
          <li>
            <b>warning</b>
            <p class="said">{longText(warning, 1500)}</p>
          </li>
        ))}
        {leftovers.slice(0, MOST).map(({ case: name, rig, resources }) => (
          <li>
            <b>left behind</b> by {name === undefined ? `the lane of ${short(rig, 80)}` : short(name)}:{" "}
            {short(resources.join(", "), 400)}
          </li>
        ))}
      </ul>
      {[troubles, lost, warnings, leftovers].some(({ length }) => length > MOST) && (
        <p>
          Of each kind {MOST} are told here; in all {count(troubles.length, "trouble")},{" "}
          {count(lost.length, "lost lane")}, {count(warnings.length, "warning")}, {count(leftovers.length, "leftover")}.
        </p>
      )}
    </Section>
  );
};
