import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import type { Fact } from "../../harness/base/events.js";
import { renderCtrf } from "../../reports/ctrf.js";
import { renderJunit } from "../../reports/junit.js";
import { storyOf } from "../../reports/story.js";
import { REPORT_NAMES, writeReports } from "../../reports/write.js";
import { eventsIn } from "../support/journal.js";
import { scratch } from "../support/scratch.js";
import { workingIn } from "../support/working-in.js";
import { anyEvents, EVERY_VERDICT, eventsOf, STARTED } from "./support.js";

const all = scratch();
afterAll(() => all[Symbol.dispose]());
const journal = (text: string | Uint8Array) => {
  const file = all.file("events.jsonl");
  writeFileSync(file, text);
  return file;
};
const linesOf = (events: typeof EVERY_VERDICT) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

test("a journal says again what was written", () => {
  fc.assert(
    fc.property(anyEvents, (events) =>
      expect(eventsIn(journal(linesOf(events)))).toEqual(JSON.parse(JSON.stringify(events))),
    ),
    {
      numRuns: 50,
    },
  );
});

test("a journal cut at any byte is what came before, and makes a report", () => {
  const bytes = Buffer.from(linesOf(EVERY_VERDICT.slice(0, 12)));
  for (let end = 0; end <= bytes.length; end += 1) {
    const cut = bytes.subarray(0, end);
    const whole = cut.filter((byte) => byte === 0x0a).length;
    const read = eventsIn(journal(cut)).length;
    expect(read === whole || (read === whole + 1 && bytes.at(end) === 0x0a)).toBe(true);
  }
});

test("a run that was killed behind any event has a report that is not green, and that holds every case that had ended", () => {
  const cases = ["a", "b", "c"].flatMap((name): Fact[] => [
    { type: "case.started", case: name, scenario: "s", rig: "sim", properties: {} },
    { type: "note", case: name, message: "x" },
    { type: "case.ended", case: name, scenario: "s", rig: "sim", verdict: "passed" },
  ]);
  const events = eventsOf([STARTED, ...cases]);
  for (let end = 1; end <= events.length; end++) {
    const story = storyOf(events.slice(0, end));
    const xml = [...renderJunit(story)].join("");
    const ctrf = JSON.parse([...renderCtrf(story)].join(""));
    expect(xml).toContain('<testcase name="interrupted"');
    expect(xml).toMatch(/<testsuites [^>]*errors="[12]"/);
    expect(ctrf.results.summary.failed).toBeGreaterThan(0);
    for (const event of events.slice(0, end)) {
      if (event.type !== "case.ended") continue;
      expect(xml).toContain(`<testcase name="${event.case}"`);
      expect(ctrf.results.tests).toContainEqual(expect.objectContaining({ name: event.case, status: "passed" }));
    }
  }
});

test.each([
  ["{}\n", ":1: not an event: type:"],
  ['{"type":"x","seq":0,"atMs":0}\n\n', ":2: expected one JSON object, found an empty line"],
  [
    '{"type":"x","seq":0,"atMs":0}\n{"ty\n{"type":"x","seq":1,"atMs":0}\n',
    ':2: expected one JSON object, found "{\\"ty"',
  ],
  ['{"type":"note","seq":0,"atMs":0,"case":1,"message":"a"}\n', ":1: not an event: case:"],
  [
    '{"type":"run.started","seq":0,"atMs":0,"wallTime":"yesterday","runId":"","harness":"","seed":1,"rigs":[],"cases":0}',
    "wallTime",
  ],
  ["5", ":1: not an event"],
])("%j is no journal", (text, message) => {
  expect(() => eventsIn(journal(text))).toThrow(
    expect.objectContaining({ code: "RUN_UNREADABLE", message: expect.stringContaining(message) }),
  );
});

test("types of a later version are kept", () => {
  expect(eventsIn(journal('{"type":"toString","seq":0,"atMs":0.5}\n'))).toHaveLength(1);
});

test("any bytes are events or one of our errors", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((json) => Buffer.from(`${json}\n`)),
      ),
      (bytes) => {
        try {
          eventsIn(journal(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(HarnessError);
        }
      },
    ),
  );
});

test("a run that is not there", () => {
  expect(() => eventsIn(all.file("no.jsonl"))).toThrow(expect.objectContaining({ code: "RUN_UNREADABLE" }));
});

test("reports are replaced whole, in the run's folder and where the caller wants them", async () => {
  using folder = scratch();
  const run = folder.file("run");
  const junitFile = join(run, "deep", "er", "report.xml");
  const summary = storyOf(EVERY_VERDICT);
  await writeReports(run, summary);
  await writeReports(run, summary, { junitFile });
  expect(readdirSync(run).sort()).toEqual(["allure-results", "deep", ...REPORT_NAMES].sort());
  expect(readFileSync(junitFile, "utf8")).toBe(readFileSync(join(run, "junit.xml"), "utf8"));
  expect(readFileSync(junitFile, "utf8")).toContain(`[[ATTACHMENT|${run}/cases/1/trace.jsonl]]`);
});

test("attachments are named as seen from the current folder", async () => {
  using project = scratch();
  using _ = workingIn(project.path);
  await writeReports("out/run-1", storyOf(EVERY_VERDICT));
  expect(readFileSync("out/run-1/junit.xml", "utf8")).toContain("[[ATTACHMENT|out/run-1/cases/1/trace.jsonl]]");
});

test("a report that cannot be written is told, leaves nothing behind, and stops no other one", async () => {
  using folder = scratch();
  const run = folder.path;
  mkdirSync(join(run, "junit.xml", "in the way"), { recursive: true });
  await expect(writeReports(run, storyOf(EVERY_VERDICT))).rejects.toThrow(
    expect.objectContaining({ code: "REPORT_FAILED" }),
  );
  expect(readdirSync(run).sort()).toEqual(["allure-results", ...REPORT_NAMES].sort());
});

test("a report that cannot be written in the run's folder is written where the caller wants it all the same", async () => {
  using folder = scratch();
  using elsewhere = scratch();
  const run = folder.path;
  mkdirSync(join(run, "junit.xml"));
  const junitFile = elsewhere.file("report.xml");
  await expect(writeReports(run, storyOf(EVERY_VERDICT), { junitFile })).rejects.toThrow(
    expect.objectContaining({ code: "REPORT_FAILED", message: expect.stringContaining("found a folder") }),
  );
  expect(readFileSync(junitFile, "utf8")).toContain("<testsuites");
});
