import type { Measurement } from "../harness/base/events.js";
import { type JunitCase, type JunitResult, type JunitSuite, renderXml } from "./junit-xml.js";
import type { Row, RunSummary } from "./row.js";
import type { Story } from "./story.js";
import { firstLine } from "./text.js";

interface JunitOptions {
  /** Put before the path of each attachment: GitLab and Jenkins count from the project's folder, not from the XML. */
  readonly attachmentBase?: string;
}

/** Jenkins keeps 500 characters at either end of a passed case's output; more would cut into what counts. */
const PASSED_OUTPUT_CHARS = 900;
/** And 50 000 at either end of any other's. */
const FAILED_OUTPUT_CHARS = 90_000;
const MOST_TROUBLES = 50;
/** A title that every server shows on one line. */
const MESSAGE_CHARS = 500;

/**
 * JUnit as Jenkins, GitLab, Azure and GitHub's readers take it: one flat suite a scenario. `failure` is held
 * against the module or its firmware, `error` is ours. Most servers ignore properties, so the lines that count are in
 * `system-out` again; attachments are its last lines.
 */
export function* renderJunit(story: Story, options: JunitOptions = {}): Generator<string> {
  const { summary } = story;
  const families = new Map<string, Row[]>();
  for (const row of story.rows()) {
    const name = familyOf(row);
    const rows = families.get(name);
    if (rows) rows.push(row);
    else families.set(name, [row]);
  }
  const suites = [...families].map(([name, rows]) => suiteOf(name, rows, summary, options));
  yield renderXml(suites.length > 0 ? suites : [suiteOf("hil", [], summary, options)], summary.ms);
}

/** The rig is a property: with rigs that share cases, a name that held it would differ from night to night. */
const familyOf = ({ scenario }: Row): string => `hil.${scenario}`;

function suiteOf(name: string, rows: readonly Row[], summary: RunSummary, options: JunitOptions): JunitSuite {
  const ofRows = [...new Set(rows.map((row) => row.rig))];
  const rig = (ofRows.length > 0 ? ofRows : summary.rigs.map(({ name }) => name)).join(",");
  const retired = summary.retired.find((each) => ofRows.includes(each.rig));
  return {
    name,
    hostname: rig,
    timestamp: isoAt(summary, rows[0]?.startMs ?? 0),
    ms: rows.reduce((sum, { ms }) => sum + ms, 0),
    properties: {
      rig,
      seed: String(summary.seed),
      harness: summary.harness,
      runId: summary.runId,
      ...(summary.interrupted ? { interrupted: "true" } : {}),
      ...(retired ? { "rig.retired": firstLine(retired.fault.message) } : {}),
    },
    cases: rows.map((row) => caseOf(row, summary, options)),
  };
}

function caseOf(row: Row, summary: RunSummary, options: JunitOptions): JunitCase {
  return {
    name: row.case,
    classname: familyOf(row),
    timestamp: isoAt(summary, row.startMs),
    ms: row.ms,
    properties: { ...row.properties, rig: row.rig, seed: String(summary.seed), verdict: row.verdict },
    result: resultOf(row),
    systemOut: outputOf(row, options),
  };
}

function resultOf(row: Row): JunitResult | undefined {
  const message = (row.fault ? firstLine(row.fault.message) : (row.reason ?? row.verdict)).slice(0, MESSAGE_CHARS);
  switch (row.verdict) {
    case "passed":
      return undefined;
    case "skipped":
      return { kind: "skipped", message: row.reason ?? message };
    case "failed":
      return { kind: "failure", type: row.fault?.code ?? "failed", message, text: storyOf(row) };
    case "broken":
      return { kind: "error", type: row.fault?.code ?? "broken", message, text: storyOf(row) };
    case "aborted":
      return { kind: "error", type: "aborted", message: row.reason ?? message, text: storyOf(row) };
  }
}

function storyOf({ fault, reason, steps }: Row): string {
  const lines = reason === undefined ? [] : [`reason: ${reason}`];
  if (fault) {
    lines.push(fault.message, `code: ${fault.code} (blame: ${fault.blame})`, `advice: ${fault.advice}`);
    if (fault.details && Object.keys(fault.details).length > 0) lines.push(`details: ${JSON.stringify(fault.details)}`);
  }
  if (fault?.at !== undefined) lines.push(`at: ${fault.at}`);
  const last = steps.findLast(({ ok }) => ok !== true);
  if (last) lines.push(`step: ${last.step}`);
  return lines.join("\n");
}

function outputOf(row: Row, { attachmentBase }: JunitOptions): string {
  const properties = Object.entries(row.properties).map(([name, value]) => `${name}=${value}`);
  const facts = [
    ...(properties.length > 0 ? [properties.join(" ")] : []),
    ...(row.reason === undefined ? [] : [`reason: ${row.reason}`]),
    ...(row.fault ? [`advice: ${row.fault.advice}`] : []),
    ...row.measurements.map(measured),
    ...row.stages.map(
      ({ stage, ms, bytes }) => `stage ${stage}: ${ms.toFixed(1)} ms${bytes === undefined ? "" : `, ${bytes} bytes`}`,
    ),
    ...row.notes.map((note) => `note: ${note}`),
    // Behind a bar, so that no line of it is taken for one of ours.
    ...(row.output === undefined
      ? []
      : [
          "output:",
          ...row.output
            .trimEnd()
            .split("\n")
            .map((each) => `| ${each}`),
        ]),
  ];
  const base = attachmentBase ? `${attachmentBase.replace(/\/+$/, "")}/` : "";
  const attachments = row.attachments.map(({ file }) => `[[ATTACHMENT|${firstLine(base + file)}]]`);
  const most = row.verdict === "passed" ? PASSED_OUTPUT_CHARS : FAILED_OUTPUT_CHARS;
  const room = most - attachments.join("\n").length;
  // What went wrong and was overcome comes first, and is never cut.
  const troubles = row.troubles
    .slice(0, MOST_TROUBLES)
    .map((each) => `trouble: ${firstLine(each).slice(0, MESSAGE_CHARS)}`);
  return [...troubles, ...fitted(facts, Math.max(0, room - troubles.join("\n").length)), ...attachments].join("\n");
}

function measured({ name, value, unit, min, max, ok }: Measurement): string {
  const limits = [...(min === undefined ? [] : [`min ${min}`]), ...(max === undefined ? [] : [`max ${max}`])];
  const held = limits.length > 0 ? ` (${limits.join(", ")}: ${ok ? "ok" : "outside"})` : "";
  return `measured ${name}: ${value} ${unit}${held}`;
}

/** As many lines as fit into `room` characters, and how many were left out. */
function fitted(lines: readonly string[], room: number): readonly string[] {
  const LEFT_OUT_CHARS = 40;
  if (lines.join("\n").length + 1 <= room) return lines;
  const kept: string[] = [];
  let left = room - LEFT_OUT_CHARS;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    kept.push(line);
  }
  return [...kept, `(${lines.length - kept.length} more lines in the report)`];
}

/** `undefined` when the run's wall time says nothing. */
function isoAt({ wallTime }: RunSummary, ms: number): string | undefined {
  const at = new Date(Date.parse(wallTime) + ms);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
