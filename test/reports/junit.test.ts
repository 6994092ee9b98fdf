import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { clean, oneLine } from "../../harness/base/clean.js";
import type { Fact } from "../../harness/base/events.js";
import { renderJunit } from "../../reports/junit.js";
import { storyOf } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { anyEvents, anyText, EVERY_VERDICT, eventsOf, fault, STARTED } from "./support.js";

const LISTS = ["testsuite", "testcase", "property"];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  trimValues: false,
  parseAttributeValue: false,
  htmlEntities: true,
  processEntities: { enabled: true, maxTotalExpansions: 1e6, maxExpandedLength: 1e7 },
  isArray: (name) => LISTS.includes(name),
});

const junitOf = (...args: Parameters<typeof renderJunit>): string => [...renderJunit(...args)].join("");

const XMLLINT = "xmllint";
const hasXmllint = spawnSync(XMLLINT, ["--version"]).status === 0;

/** What xmllint holds against `xml`; without it, what the parser does. */
function complaint(xml: string): string {
  const found = XMLValidator.validate(xml);
  if (found !== true) return JSON.stringify(found);
  if (!hasXmllint) return "";
  return spawnSync(XMLLINT, ["--noout", "--huge", "-"], { input: xml, encoding: "utf8" }).stderr;
}

test("a run with every verdict, byte for byte", () => {
  const xml = junitOf(storyOf(EVERY_VERDICT), { attachmentBase: "out/run-1/" });
  expect(xml).toBe(readFileSync(new URL("../golden/junit-every-verdict.xml", import.meta.url), "utf8"));
  expect(complaint(xml)).toBe("");
});

test("a run without a case is still a report, and not a green one", () => {
  const xml = junitOf(storyOf(eventsOf([STARTED])));
  expect(complaint(xml)).toBe("");
  expect(xml).toContain('<testsuite name="hil.run" tests="1" failures="0" errors="1"');
  expect(xml).toContain("judged: 0 of 6 cases");
  expect(xml).toContain('<property name="interrupted" value="true"/>');
});

test("a run that was not interrupted does not say so", () => {
  expect(junitOf(storyOf(eventsOf([STARTED, { type: "run.ended", interrupted: false }])))).not.toContain("interrupted");
});

test("a suite is of the rigs that were given its cases", () => {
  const of = (name: string, rig: string): Fact => ({
    type: "case.ended",
    ...{ case: name, scenario: "s", rig, verdict: "skipped", reason: "r" },
  });
  const xml = junitOf(storyOf(eventsOf([STARTED, of("a", "one"), of("b", ""), of("c", "two")])));
  expect(xml).toContain('hostname="one,two"');
});

test("a passed case keeps its output short, and its attachments", () => {
  const at = { case: "a", scenario: "s", rig: "r" };
  const notes = Array.from(
    { length: 50 },
    (_, i) => ({ type: "note", case: "a", message: `note ${i} of many` }) as const,
  );
  const facts = (verdict: "passed" | "failed") => [
    STARTED,
    { type: "case.started", ...at, properties: {} } as const,
    ...notes,
    { type: "attachment", case: "a", name: "trace", file: "cases/a/trace.jsonl" } as const,
    { type: "case.ended", ...at, verdict } as const,
  ];
  const outputOf = (verdict: "passed" | "failed"): string =>
    parser.parse(junitOf(storyOf(eventsOf(facts(verdict))))).testsuites.testsuite[0].testcase[0]["system-out"];
  expect(outputOf("passed").length).toBeLessThan(900);
  expect(outputOf("passed")).toMatch(/more lines in the report\)\n\[\[ATTACHMENT\|cases\/a\/trace\.jsonl\]\]$/);
  expect(outputOf("failed")).toMatch(/note 49 of many\n\[\[ATTACHMENT\|cases\/a\/trace\.jsonl\]\]$/);
});

interface ReadCase {
  readonly "@name": string;
  readonly "@classname": string;
  readonly "@time": string;
  readonly failure?: { readonly "@message": string; readonly "#text": string };
  readonly error?: unknown;
  readonly skipped?: unknown;
  readonly "system-out"?: string;
}
interface ReadSuite {
  readonly "@name": string;
  readonly "@tests": string;
  readonly "@failures": string;
  readonly "@errors": string;
  readonly "@skipped": string;
  readonly testcase?: readonly ReadCase[];
}
const read = (xml: string): ReadSuite[] => parser.parse(xml).testsuites.testsuite;

test("any texts give well-formed XML with each case once, and a name of its own in its suite", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = storyOf(events);
      const xml = junitOf(story);
      expect(complaint(xml)).toBe("");
      const suites = read(xml);
      const cases = suites.flatMap(({ testcase = [] }) => testcase);
      expect(cases.filter((each) => each["@classname"] !== "hil.run")).toHaveLength(story.summary.cases.length);
      expect(new Set(cases.map((each) => `${each["@classname"]}\n${each["@name"]}`)).size).toBe(cases.length);
      for (const each of cases) expect(each["@time"]).toMatch(/^\d+\.\d{3}$/);
      for (const { testcase = [], ...suite } of suites) {
        expect(suite["@tests"]).toBe(String(testcase.length));
        expect(suite["@failures"]).toBe(String(testcase.filter(({ failure }) => failure !== undefined).length));
        expect(suite["@errors"]).toBe(String(testcase.filter(({ error }) => error !== undefined).length));
        expect(suite["@skipped"]).toBe(String(testcase.filter(({ skipped }) => skipped !== undefined).length));
      }
      expect(xml.match(/\[\[ATTACHMENT\|/g) ?? []).toHaveLength(attachmentLines(cases));
    }),
    { numRuns: hasXmllint ? 60 : 300 },
  );
});

const attachmentLines = (cases: readonly ReadCase[]): number =>
  cases.flatMap((each) => String(each["system-out"] ?? "").match(/^\[\[ATTACHMENT\|[^\n]*\]\]$/gm) ?? []).length;

test("a server is green where the exit code is 0, and there alone", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = storyOf(events);
      const red = read(junitOf(story)).some((suite) => suite["@failures"] !== "0" || suite["@errors"] !== "0");
      expect(red).toBe(exitCodeOf(story.summary) !== 0);
    }),
  );
});

const AT = { case: "a", scenario: "run", rig: "r" } as const;
const CASE_STARTED = { type: "case.started", ...AT, properties: {} } as const satisfies Fact;

test("what no case tells is a case of its own, with a name that stays the same and is nobody else's", () => {
  const rig = { rig: "r", fault: { ...fault("x"), code: "RIG_NOT_SAFE", blame: "rig" } } as const;
  const facts: Fact[] = [
    STARTED,
    { ...CASE_STARTED, case: "interrupted" },
    { type: "case.ended", ...AT, case: "interrupted", verdict: "passed" },
    { type: "rig.retired", ...rig },
    { type: "stray", ...rig },
    { type: "stray", ...rig },
  ];
  const [suite, ...more] = read(junitOf(storyOf(eventsOf(facts))));
  expect(more).toEqual([]);
  expect(suite?.testcase?.map((each) => each["@name"])).toEqual([
    ...["interrupted", "interrupted #2", "rig r retired", "stray 1", "stray 2"],
  ]);
});

test("every byte and ten thousand texts in names, messages and logs come back as they are cleaned", () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const texts = fc.sample(anyText, { numRuns: 9_999, seed: 67 });
  const scenes = [
    ...bytes.map((byte) => [byte, byte, byte]),
    ...Array.from({ length: 3_333 }, (_, index) => texts.slice(3 * index, 3 * index + 3)),
  ].map(([name, message, note], index) => ({ name: `${index} ${name}.`, message: `m${message}.`, note: `n${note}.` }));
  const facts = scenes.flatMap(({ name, message, note }): Fact[] => [
    { ...CASE_STARTED, case: name },
    { type: "note", case: name, message: note },
    { type: "case.ended", ...AT, case: name, verdict: "failed", fault: { ...fault(message), details: {} } },
  ]);
  const xml = junitOf(storyOf(eventsOf([STARTED, ...facts])));
  expect(complaint(xml)).toBe("");
  const cases = read(xml)[0]?.testcase?.slice(0, scenes.length) ?? [];
  const unmarked = (text: string) => text.replace(/\[\[(?=\s*ATTACHMENT)/gi, "[ [");
  const ADVICE = "advice: Erase and program once more.";
  expect(
    cases.map((each) => [each["@name"], each.failure?.["#text"], each["system-out"]].map((text) => text ?? "")),
  ).toEqual(
    scenes.map(({ name, message, note }) => [
      unmarked(oneLine(name)),
      unmarked(clean(`${message}\ncode: VERIFY_MISMATCH (blame: module)\n${ADVICE}`)),
      unmarked(clean(`${ADVICE}\nnote: ${note}`)),
    ]),
  );
});
