import { basename } from "node:path";
import { count } from "../../harness/base/count.js";
import { shownLines } from "../../harness/trace/show.js";
import type { Row } from "../row.js";
import { FaultBlock } from "./fault.js";
import { linkTo, type PageFiles } from "./files.js";
import { type PageRun, placeOf, type Told } from "./run.js";
import { Timeline } from "./timeline.js";
import { wavesOf } from "./waves.js";
import { WavesFigure } from "./waves-figure.js";
import { Badge, longText, Name, Pre, short, time } from "./words.js";

/** Of each kind so many are shown: the rest stands in events.jsonl. */
const MOST = 60;
/** A silence that is longer is told. */
const GAP_MS = 50;
const MOST_LINES = 240;
/** What the wire trace of a case is called. */
const TRACE = "trace.jsonl";

interface CaseProps {
  readonly run: PageRun;
  readonly index: number;
  /** Whether what went over its wire is drawn, too. */
  readonly withTrace: boolean;
}

/** All that is known of one case, folded. */
export const Case = ({ run, index, withTrace }: CaseProps) => {
  const told = run.told(index);
  const entry = run.summary.cases[index] ?? told.row;
  const { case: name, rig, verdict, ms, fault, reason } = entry;
  // The row's fault has its details, where it is the one that counts.
  const said = fault?.code === told.row.fault?.code ? told.row.fault : fault;
  const isWrong = verdict === "failed" || verdict === "broken";
  const marks = run.marks.get(index) ?? [];
  return (
    <details class={`case ${isWrong ? "wrong" : ""}`} id={placeOf(index)} data-verdict={verdict}>
      <summary>
        <Badge verdict={verdict} />
        <Name text={name} />
        {marks.map((mark) => (
          <span class="mark">{mark}</span>
        ))}
        {said !== undefined && <code>{short(said.code, 60)}</code>}
        <span class="took">{time(ms)}</span>
      </summary>
      <div class="inside">
        <p class="over">
          {short(entry.scenario, 80)} on {short(rig, 80)}
          {reason !== undefined && `; ${short(reason, 600)}`}
        </p>
        {said !== undefined && <FaultBlock fault={said} />}
        <Attempts row={told.row} />
        <Texts title="What went wrong and was overcome" texts={told.row.troubles} />
        <Timeline stages={told.stages} />
        {withTrace && <Wire told={told} files={run.files} />}
        <Measurements row={told.row} />
        <Steps row={told.row} />
        <Texts title="Notes" texts={told.row.notes} />
        {told.row.output !== undefined && (
          <details>
            <summary>what it printed</summary>
            <Pre>{longText(told.row.output)}</Pre>
          </details>
        )}
        <Attachments row={told.row} files={run.files} />
        <Properties row={told.row} />
      </div>
    </details>
  );
};

/** One of thousands that passed. */
export const Brief = ({ run, index }: Omit<CaseProps, "withTrace">) => {
  const { case: name = "", verdict = "passed", ms = 0 } = run.summary.cases[index] ?? {};
  return (
    <p class="case brief" id={placeOf(index)} data-verdict={verdict}>
      <Badge verdict={verdict} />
      <Name text={name} />
      <span class="took">{time(ms)}</span>
    </p>
  );
};

const Attempts = ({ row: { attempts } }: { readonly row: Row }) =>
  attempts.length === 0 ? null : (
    <div class="attempts">
      <h4>{count(attempts.length, "attempt")} before</h4>
      {attempts.slice(0, MOST).map(({ verdict, rig, ms, reason, fault }) => (
        <div>
          <p>
            <Badge verdict={verdict} /> on {short(rig, 80)} after {time(ms)}
            {reason !== undefined && `: ${short(reason, 300)}`}
          </p>
          {fault !== undefined && <FaultBlock fault={fault} />}
        </div>
      ))}
    </div>
  );

const Texts = ({ title, texts }: { readonly title: string; readonly texts: readonly string[] }) =>
  texts.length === 0 ? null : (
    <>
      <h4>{title}</h4>
      <ul>
        {texts.slice(0, MOST).map((text) => (
          <li>{short(text, 600)}</li>
        ))}
        {texts.length > MOST && <li>and {texts.length - MOST} more</li>}
      </ul>
    </>
  );

/** What went over its wire: drawn, and decoded. */
const Wire = ({ told: { row }, files }: { readonly told: Told; readonly files: PageFiles }) => {
  const attachment = row.attachments.findLast(({ file }) => basename(file) === TRACE);
  if (attachment === undefined) return null;
  const trace = files.trace(attachment.file);
  if ("why" in trace) return <p class="over">The wire is not drawn: {short(trace.why, 300)}.</p>;
  const waves = wavesOf(trace);
  const lines = [...shownLines(trace, GAP_MS)];
  return (
    <>
      {waves !== undefined && <WavesFigure waves={waves} label="Lines and bytes of this case" />}
      <details>
        <summary>
          the conversation, decoded: {count(lines.length, "line")}
          {trace.isCut && ", cut off"}
        </summary>
        <Pre look="wire">{middleLeftOut(lines).join("\n")}</Pre>
      </details>
    </>
  );
};

/** The beginning, and more of the end, where a failure is. */
function middleLeftOut(lines: readonly string[]): string[] {
  const cut = lines.map((line) => (line.length > 260 ? `${line.slice(0, 260)}…` : line));
  if (cut.length <= MOST_LINES) return cut;
  const head = MOST_LINES / 3;
  const tail = MOST_LINES - head;
  return [...cut.slice(0, head), `… ${cut.length - MOST_LINES} lines are left out here …`, ...cut.slice(-tail)];
}

const Measurements = ({ row: { measurements } }: { readonly row: Row }) =>
  measurements.length === 0 ? null : (
    <>
      <h4>Measured</h4>
      <ul>
        {measurements.slice(0, MOST).map(({ name, value, unit, min, max, ok }) => (
          <li class={ok ? "" : "bad"}>
            {short(name, 100)}: {Number(value.toPrecision(6))} {short(unit, 20)}
            {(min !== undefined || max !== undefined) && ` (${min ?? "any"} to ${max ?? "any"})`}
            {!ok && " — outside of its limits"}
          </li>
        ))}
      </ul>
    </>
  );

const Steps = ({ row: { steps } }: { readonly row: Row }) =>
  steps.length === 0 ? null : (
    <details>
      <summary>{count(steps.length, "step")}</summary>
      <ol>
        {steps.slice(0, MOST).map(({ step, ok }) => (
          <li class={ok === true ? "" : "bad"}>
            {short(step)}
            {ok === false ? " — failed" : ok === undefined ? " — never ended" : ""}
          </li>
        ))}
        {steps.length > MOST && <li>and {steps.length - MOST} more</li>}
      </ol>
    </details>
  );

const Attachments = ({ row: { attachments }, files }: { readonly row: Row; readonly files: PageFiles }) =>
  attachments.length === 0 ? null : (
    <>
      <h4>Attached</h4>
      <ul class="names">
        {attachments.slice(0, MOST).map(({ name, file }) => {
          const link = linkTo(file, files);
          return (
            <li>
              {link === undefined ? (
                <span class="name">
                  {short(name)} ({short(file)}: {files.has(file) ? "open it from the folder" : "not there"})
                </span>
              ) : (
                <a href={link}>
                  <Name text={name} />
                </a>
              )}
            </li>
          );
        })}
        {attachments.length > MOST && <li>and {attachments.length - MOST} more</li>}
      </ul>
    </>
  );

const Properties = ({ row: { properties } }: { readonly row: Row }) => {
  const all = Object.entries(properties);
  return all.length === 0 ? null : (
    <details>
      <summary>properties</summary>
      <dl class="about">
        {all.slice(0, MOST).map(([name, value]) => (
          <>
            <dt>{short(name, 80)}</dt>
            <dd>{short(value, 300)}</dd>
          </>
        ))}
      </dl>
    </details>
  );
};
