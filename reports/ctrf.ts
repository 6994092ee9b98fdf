import { clean } from "../harness/base/clean.js";
import { isWithin } from "./attachment.js";
import { contentTypeOf } from "./content-type.js";
import { faultText } from "./fault-text.js";
import { cleanJson } from "./json.js";
import type { Attempt, Row, RunSummary } from "./row.js";
import { TROUBLES_SUITE, type Trouble, troublesOf } from "./run-troubles.js";
import type { Story } from "./story.js";
import { uuidOf } from "./uuid.js";
import { epochMs, wholeMs } from "./wall-time.js";

interface CtrfOptions {
  /** Put before the path of each attachment, which is relative to the run's folder. */
  readonly attachmentBase?: string;
}

const SPEC_VERSION = "0.0.0";

/**
 * What broke or was called off counts as failed, and `rawStatus` tells it apart: readers ask whether `failed` is zero, and
 * would call a night green in which nothing could be judged, were it `other`.
 */
const STATUS = { passed: "passed", failed: "failed", broken: "failed", aborted: "failed", skipped: "skipped" } as const;

/** A run in the Common Test Report Format (ctrf.io), one case a line. */
export function* renderCtrf(story: Story, options: CtrfOptions = {}): Generator<string> {
  const { summary } = story;
  const troubles = troublesOf(summary);
  const { runId, harness, shard } = summary;
  const head = {
    reportFormat: "CTRF",
    specVersion: SPEC_VERSION,
    reportId: uuidOf("report", runId, shard?.index ?? 1, shard?.of ?? 1, summary.cases.length, summary.ms),
    ...(clean(runId) !== "" && { runId }),
    generatedBy: `st67-hil ${harness}`,
  };
  const tool = { name: "st67-hil", version: harness };
  yield `${cleanJson(head).slice(0, -1)},"results":{"tool":${cleanJson(tool)},\n`;
  yield `"summary":${cleanJson(countsOf(summary, troubles))},\n"environment":${cleanJson(environmentOf(summary))},\n`;
  yield '"tests":[';
  let before = "";
  const seen = new Map<string, number>();
  for (const row of story.rows()) {
    const nth = (seen.get(row.case) ?? 0) + 1;
    seen.set(row.case, nth);
    yield `${before}\n${cleanJson(testOf(row, nth, summary, options))}`;
    before = ",";
  }
  for (const trouble of troubles) {
    yield `${before}\n${cleanJson(testOfTrouble(trouble))}`;
    before = ",";
  }
  yield "\n]}}\n";
}

function countsOf(summary: RunSummary, troubles: readonly Trouble[]) {
  const { counts, cases, flaky, ms } = summary;
  const start = epochMs(summary, 0);
  const suites = new Set(cases.map(({ scenario }) => clean(scenario)));
  return {
    tests: cases.length + troubles.length,
    passed: counts.passed,
    failed: counts.failed + counts.broken + counts.aborted + troubles.length,
    skipped: counts.skipped,
    pending: 0,
    other: 0,
    flaky,
    suites: suites.size + (troubles.length > 0 ? 1 : 0),
    start,
    stop: start + wholeMs(ms),
    duration: wholeMs(ms),
    extra: { "st67-hil/verdicts": counts },
  };
}

function environmentOf(summary: RunSummary) {
  const { rigs, shard, harness, seed, firmwares, planned, plan, interrupted, retired, strays } = summary;
  const { lost, leftovers, left } = summary;
  const troubles = { interrupted, retired, lost, strays, leftovers };
  const shown = rigs.map(({ name, simulated }) => (simulated ? `${name} (a simulated module)` : name));
  return {
    appName: "ST67W611M1",
    testEnvironment: shown.join(", "),
    ...(shard !== undefined && { shardId: `${shard.index}/${shard.of}` }),
    healthy: !interrupted && retired.length + strays.length === 0,
    extra: {
      "st67-hil/run": { rigs, harness, seed, firmwares, planned, plan, ...troubles, left },
    },
  };
}

function testOf(row: Row, nth: number, summary: RunSummary, { attachmentBase }: CtrfOptions) {
  const { rig, scenario, verdict, flaky, ms, startMs, reason, fault, attempts, steps, output } = row;
  const attachments = row.attachments.filter(({ file }) => isWithin(file));
  const { measurements, stages, properties, notes, troubles } = row;
  const start = epochMs(summary, startMs);
  const base = attachmentBase ? `${attachmentBase.replace(/\/+$/, "")}/` : "";
  return {
    ...identityOf(row.case, `hil.${scenario}`),
    executionId: uuidOf("execution", summary.runId, row.case, nth),
    ...outcomeOf(row),
    rawStatus: verdict,
    duration: wholeMs(ms),
    start,
    stop: start + wholeMs(ms),
    ...(attempts.length > 0 && { retries: attempts.length, retryAttempts: attempts.map(attemptOf) }),
    flaky: flaky !== undefined,
    type: "hil",
    device: rig,
    threadId: rig,
    ...(steps.length > 0 && { steps: steps.map(stepOf) }),
    ...(output !== undefined && { stdout: output.trimEnd().split("\n") }),
    ...(attachments.length > 0 && {
      attachments: attachments.map(({ name, file }) => ({ name, contentType: contentTypeOf(file), path: base + file })),
    }),
    extra: {
      "st67-hil/case": {
        ...{ verdict, flaky, reason, properties, stages, measurements, notes, troubles },
        ...(fault !== undefined && {
          code: fault.code,
          blame: fault.blame,
          advice: fault.advice,
          details: fault.details,
          diagnosis: fault.diagnosis,
        }),
      },
    },
  };
}

function attemptOf({ rig, verdict, ms, reason, fault }: Attempt, index: number) {
  return {
    attempt: index + 1,
    ...outcomeOf({ verdict, reason, fault, steps: [] }),
    duration: wholeMs(ms),
    extra: { "st67-hil/attempt": { rig, verdict, reason, code: fault?.code, blame: fault?.blame } },
  };
}

function testOfTrouble({ name, verdict, code, message, advice }: Trouble) {
  return {
    ...identityOf(name, TROUBLES_SUITE),
    ...{ status: STATUS[verdict], rawStatus: verdict, duration: 0, message, type: "hil" },
    trace: `${message}\ncode: ${code}\nadvice: ${advice}`,
    extra: { "st67-hil/case": { verdict, code, advice } },
  };
}

/** No name is empty in this format; `testId` is the same from night to night. */
const identityOf = (name: string, suite: string) => ({
  name: clean(name) === "" ? "(no name)" : name,
  testId: `${suite}::${name}`,
  suite: [suite],
});

interface Told extends Pick<Row, "verdict" | "steps"> {
  readonly reason?: Row["reason"] | undefined;
  readonly fault?: Row["fault"] | undefined;
}

function outcomeOf({ verdict, reason, fault, steps }: Told) {
  const trace = faultText({ steps, ...(reason !== undefined && { reason }), ...(fault !== undefined && { fault }) });
  const told = verdict === "passed" ? {} : { message: fault?.message ?? reason, trace };
  return { status: STATUS[verdict], ...told };
}

/** One that never ended is neither. */
const stepOf = ({ step, ok }: Row["steps"][number]) => ({
  name: step,
  status: ok === undefined ? "other" : ok ? "passed" : "failed",
});
