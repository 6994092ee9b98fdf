import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { clean } from "../../harness/base/clean.js";
import { renderJunit } from "../../reports/junit.js";
import { storyOf } from "../../reports/story.js";
import { anyEvents, EVERY_VERDICT, eventsOf, STARTED } from "./support.js";

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

test("a run without a case is still a report", () => {
  const xml = junitOf(storyOf(eventsOf([STARTED])));
  expect(complaint(xml)).toBe("");
  expect(xml).toContain('<testsuite name="hil" tests="0"');
  expect(xml).toContain('<property name="interrupted" value="true"/>');
});

test("a run that was not interrupted does not say so", () => {
  expect(junitOf(storyOf(eventsOf([STARTED, { type: "run.ended", interrupted: false }])))).not.toContain("interrupted");
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

test("any texts give well-formed XML that says the same names again", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = storyOf(events);
      const xml = junitOf(story);
      expect(complaint(xml)).toBe("");
      const suites: { testcase?: { "@name": string; "@time": string }[] }[] = parser.parse(xml).testsuites.testsuite;
      const cases = suites.flatMap(({ testcase = [] }) => testcase);
      expect(cases.map((each) => each["@name"]).sort()).toEqual(
        story.summary.cases.map((row) => clean(row.case)).sort(),
      );
      for (const each of cases) expect(each["@time"]).toMatch(/^\d+\.\d{3}$/);
    }),
    { numRuns: hasXmllint ? 150 : 500 },
  );
});
