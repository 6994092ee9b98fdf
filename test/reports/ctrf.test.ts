import { expect, test } from "@jest/globals";
import { type CTRFReport, validateStrict } from "ctrf";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import { renderCtrf } from "../../reports/ctrf.js";
import { type Story, storyOf } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { anyEvents, EVERY_VERDICT, eventsOf, fault, STARTED } from "./support.js";

function ctrfOf(story: Story, attachmentBase?: string): CTRFReport {
  const report: unknown = JSON.parse([...renderCtrf(story, attachmentBase ? { attachmentBase } : {})].join(""));
  validateStrict(report);
  return report as CTRFReport;
}

const AT = { case: "a", scenario: "s", rig: "sim" };
const STARTED_A: Fact = { type: "case.started", ...AT, properties: {} };
const PASSED_A: Fact = { type: "case.ended", ...AT, verdict: "passed" };
const ENDED: Fact = { type: "run.ended", interrupted: false };

test("a run with every verdict: what could not be judged counts as failed, and is told apart", () => {
  const { runId, results } = ctrfOf(storyOf(EVERY_VERDICT), "out/run-1");
  expect(runId).toBe("run-1");
  expect(results.tool).toEqual({ name: "st67-hil", version: "0.1.0" });
  expect(results.tests.map(({ name, status, rawStatus, suite }) => [suite?.[0], name, status, rawStatus])).toEqual([
    ["hil.cross-flash", "cross-flash t01@2.0.97 -> t02@2.0.106", "passed", "passed"],
    ["hil.cross-flash", "verify", "failed", "failed"],
    ["hil.boot", "boots", "failed", "broken"],
    ["hil.boot", "boots unlocked", "skipped", "skipped"],
    ["hil.boot", "boots twice", "failed", "aborted"],
    ["hil.boot", "boots in the end", "passed", "passed"],
    ["hil.cross-flash", "verifies never", "failed", "failed"],
    ["hil.boot", "boots thrice", "failed", "aborted"],
    ["hil.run", "interrupted", "failed", "broken"],
    ["hil.run", "rig sim retired", "failed", "broken"],
  ]);
  expect(results.summary).toMatchObject({ tests: 10, passed: 2, failed: 7, skipped: 1, other: 0, flaky: 1, suites: 3 });
  expect(results.summary.start).toBe(Date.parse("2025-11-22T02:00:00.000Z"));
  expect(results.environment).toMatchObject({ healthy: false, testEnvironment: "sim" });
  expect(results.tests[0]).toMatchObject({
    duration: 3500,
    start: Date.parse("2025-11-22T02:00:00.500Z"),
    stop: Date.parse("2025-11-22T02:00:04.000Z"),
    steps: [{ name: "flash", status: "passed" }],
    attachments: [{ name: "trace", contentType: "application/x-ndjson", path: "out/run-1/cases/1/trace.jsonl" }],
    extra: { "st67-hil/case": { stages: [{ stage: "erase", ms: 12.3456, bytes: 4096 }] } },
  });
  expect(results.tests[1]).toMatchObject({
    message: 'sim: expected "a]]>b]]>c" & <d>\nfound red \\x07 \\ud800 \\x85',
    trace: expect.stringContaining("code: VERIFY_MISMATCH (blame: module)\nadvice: Erase and program once more."),
    extra: { "st67-hil/case": { code: "VERIFY_MISMATCH", blame: "module", advice: "Erase and program once more." } },
  });
  expect(results.tests[3]?.message).toBe("needs an unlocked module");
});

test("a case that failed and then passed is flaky, and its attempts are told", () => {
  const retried: Fact = { type: "case.retried", case: "a", rig: "other", verdict: "broken", fault: fault("x") };
  const { results } = ctrfOf(storyOf(eventsOf([STARTED, STARTED_A, retried, STARTED_A, PASSED_A, ENDED])));
  expect(results.summary).toMatchObject({ passed: 1, failed: 0, flaky: 1 });
  expect(results.tests[0]).toMatchObject({
    status: "passed",
    flaky: true,
    retries: 1,
    retryAttempts: [{ attempt: 1, status: "failed", duration: 500, message: "x" }],
  });
});

test("what lies outside of the run's folder is no attachment of it", () => {
  const files = ["cases/a/log.txt", "../../secret", "/etc/passwd", "cases/../../x"];
  const attached = files.map((file): Fact => ({ type: "attachment", case: "a", name: file, file }));
  const { results } = ctrfOf(storyOf(eventsOf([STARTED, STARTED_A, ...attached, PASSED_A, ENDED])));
  expect(results.tests[0]?.attachments?.map(({ path }) => path)).toEqual(["cases/a/log.txt"]);
});

test("shards of one run share its id, and are told apart", () => {
  const [one, two] = [1, 2].map((index) =>
    ctrfOf(storyOf(eventsOf([{ ...STARTED, shard: { index, of: 2 } }, STARTED_A, PASSED_A, ENDED]))),
  );
  expect(one?.runId).toBe(two?.runId);
  expect(one?.reportId).not.toBe(two?.reportId);
  expect(two?.results.environment?.shardId).toBe("2/2");
});

test("rendered again, it is the same, and it comes case by case", () => {
  const story = storyOf(EVERY_VERDICT);
  const pieces = [...renderCtrf(story)];
  expect([...renderCtrf(story)]).toEqual(pieces);
  expect(pieces.length).toBeGreaterThan(story.summary.cases.length);
});

test("any facts give a valid report, whose counts are its tests, and which is green for no run that is not", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = storyOf(events);
      const { summary, tests } = ctrfOf(story).results;
      for (const status of ["passed", "failed", "skipped", "pending", "other"] as const)
        expect(summary[status]).toBe(tests.filter((test) => test.status === status).length);
      expect(summary.tests).toBe(tests.length);
      expect(summary.failed > 0).toBe(exitCodeOf(story.summary) !== 0);
    }),
  );
});
