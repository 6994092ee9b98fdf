import { caseOf } from "./junit-case.js";
import { fittedName, Names } from "./junit-names.js";
import { casesOfRun } from "./junit-run.js";
import { fittedText, sharesOf } from "./junit-size.js";
import { type JunitCase, type JunitSuite, type JunitTotals, renderXml } from "./junit-xml.js";
import type { CaseEntry, Row, RunSummary } from "./row.js";
import { TROUBLES_SUITE } from "./run-troubles.js";
import type { Story } from "./story.js";
import { firstLine } from "./text.js";

interface JunitOptions {
  /** Put before the path of each attachment: GitLab and Jenkins count from the project's folder, not from the XML. */
  readonly attachmentBase?: string;
}

/**
 * JUnit as Jenkins, GitLab, Azure and GitHub's readers take it: one flat suite a scenario. `failure` is held
 * against the module or its firmware, `error` is ours. Most servers ignore properties, so the lines that count are in
 * `system-out` again; attachments are its last lines. An exit code of the run other than 0 is a failure or an error here.
 */
export function* renderJunit(story: Story, { attachmentBase = "" }: JunitOptions = {}): Generator<string> {
  const { summary } = story;
  const families = familiesOf(summary.cases);
  const ofRun = casesOfRun(summary, isoAt(summary, summary.ms));
  if (ofRun.length > 0 && !families.has(TROUBLES_SUITE)) families.set(TROUBLES_SUITE, []);
  // All suites draw from one reading.
  const rows = story.rows([...families.values()].flat());
  const share = sharesOf(summary.cases, families.size);
  const base = attachmentBase === "" ? "" : `${attachmentBase.replace(/\/+$/, "")}/`;
  const place = { seed: summary.seed, attachmentBase: base };
  const casesOf = function* (name: string, entries: readonly CaseEntry[]): Generator<JunitCase> {
    const names = new Names();
    for (const entry of entries) {
      const row = rows.next().value as Row;
      const timestamp = isoAt(summary, row.startMs);
      yield caseOf(row, { ...place, name: names.take(row.case), classname: name, timestamp, bytes: share(entry) });
    }
    if (name === TROUBLES_SUITE) for (const each of ofRun) yield { ...each, name: names.take(each.name) };
  };
  const suites = [...families].map(
    ([name, entries]): JunitSuite => ({
      ...headOf(name, entries, summary),
      totals: totalsOf(entries, name === TROUBLES_SUITE ? ofRun : []),
      cases: casesOf(name, entries),
    }),
  );
  yield* renderXml(suites, totalsOf(summary.cases, ofRun), summary.ms);
}

/** By scenario. The rig is a property: with rigs that share cases, a name that held it would differ from night to night. */
function familiesOf(cases: readonly CaseEntry[]): Map<string, CaseEntry[]> {
  const families = new Map<string, CaseEntry[]>();
  for (const entry of cases) {
    const name = fittedName(`hil.${entry.scenario}`);
    const entries = families.get(name);
    if (entries) entries.push(entry);
    else families.set(name, [entry]);
  }
  return families;
}

/** @param ofRun what no case tells. */
function totalsOf(entries: readonly CaseEntry[], ofRun: readonly JunitCase[]): JunitTotals {
  const kinds = ofRun.map(({ result }) => result?.kind);
  const count = (...verdicts: CaseEntry["verdict"][]) =>
    entries.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return {
    tests: entries.length + ofRun.length,
    failures: count("failed") + kinds.filter((kind) => kind === "failure").length,
    errors: count("broken", "aborted") + kinds.filter((kind) => kind === "error").length,
    skipped: count("skipped") + kinds.filter((kind) => kind === "skipped").length,
  };
}

const SHOWN_CHARS = 500;

function headOf(
  name: string,
  entries: readonly CaseEntry[],
  summary: RunSummary,
): Omit<JunitSuite, "totals" | "cases"> {
  // What nobody was given has no rig.
  const ofRows = [...new Set(entries.map((entry) => entry.rig))].filter((each) => each !== "");
  const rig = (ofRows.length > 0 ? ofRows : summary.rigs.map((each) => each.name)).join(",");
  const retired = summary.retired.find((each) => ofRows.includes(each.rig));
  return {
    name,
    hostname: rig,
    timestamp: isoAt(summary, entries[0]?.startMs ?? 0),
    ms: entries.reduce((sum, { ms }) => sum + ms, 0),
    properties: {
      rig,
      seed: String(summary.seed),
      harness: summary.harness,
      runId: summary.runId,
      ...(summary.interrupted ? { interrupted: "true" } : {}),
      ...(summary.warnings.length > 0
        ? { warnings: fittedText(summary.warnings.map(firstLine).join("; "), SHOWN_CHARS, "attribute") }
        : {}),
      ...(retired ? { "rig.retired": fittedText(firstLine(retired.fault.message), SHOWN_CHARS, "attribute") } : {}),
    },
  };
}

/** `undefined` when the run's wall time says nothing. */
function isoAt({ wallTime }: RunSummary, ms: number): string | undefined {
  const at = new Date(Date.parse(wallTime) + ms);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
