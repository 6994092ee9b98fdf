import type { PageRun } from "./run.js";
import { Section, short, when } from "./words.js";

const MOST = 100;

/** What was run, with what, and what is on the modules now. */
export const About = ({ run: { summary } }: { readonly run: PageRun }) => {
  const { seed, harness, rigs, firmwares, files, left, options = {}, wallTime, merged, planned, wear } = summary;
  const facts: [string, string][] = [
    ["started", when(wallTime)],
    ["harness", harness],
    ["seed", String(seed)],
    ["planned", String(planned)],
    ...(merged === undefined ? [] : [["merged from", `${merged} runs`] as [string, string]]),
    ...rigs.map(({ name, simulated }): [string, string] => ["rig", simulated ? `${name} (a simulated module)` : name]),
    ...Object.entries(firmwares).map(([label, sha]): [string, string] => [`firmware ${label}`, sha]),
    ...Object.entries(files).map(([name, sha]): [string, string] => [`file ${name}`, sha]),
    ...left.map(({ rig, firmware, reason }): [string, string] => [
      `on the module of ${rig}`,
      firmware ?? `nobody knows${reason === undefined ? "" : `: ${reason}`}`,
    ]),
    ...(wear.length > 0 ? [["erased after the last case", `${wear.length} times`] as [string, string]] : []),
    ...Object.entries(options).map(([name, value]): [string, string] => [
      `option ${name}`,
      JSON.stringify(value) ?? "",
    ]),
  ];
  return (
    <Section id="about" title="With what">
      <dl class="about">
        {facts.slice(0, MOST).map(([name, value]) => (
          <>
            <dt>{short(name, 100)}</dt>
            <dd>{short(value, 300)}</dd>
          </>
        ))}
      </dl>
      {facts.length > MOST && <p>{facts.length - MOST} more stand in events.jsonl.</p>}
    </Section>
  );
};
