import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { XMLParser } from "fast-xml-parser";
import { parseHTML } from "linkedom";
import type { Fact } from "../../harness/base/events.js";
import { renderJunit } from "../../reports/junit.js";
import { renderPage } from "../../reports/page/page.js";
import { storyOf } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { longNight } from "../bench/long-night.js";
import { anyEvents, anyText, EVERY_VERDICT, eventsOf, fault, STARTED } from "./support.js";

const pageOf = (...args: Parameters<typeof renderPage>): string => [...renderPage(...args)].join("");
const parsed = (html: string): ParentNode => parseHTML(html).document as unknown as ParentNode;

/** What the tests ask of a parsed page: the compiler knows no browser. */
interface ParentNode {
  querySelectorAll(selector: string): Iterable<{
    readonly tagName: string;
    readonly textContent: string;
    readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
    getAttribute(name: string): string | null;
  }>;
}

const texts = (page: ParentNode, selector: string): string[] =>
  Array.from(page.querySelectorAll(selector), ({ textContent }) => textContent.replace(/\s+/g, " ").trim());
const number = (page: ParentNode, selector: string): number => [...page.querySelectorAll(selector)].length;

/** What must not be on any page, whatever the run is called: nothing of it is markup. */
function complaints(page: ParentNode): string[] {
  const found: string[] = [];
  let scripts = 0;
  for (const element of page.querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    if (tag === "script") scripts++;
    if (["iframe", "object", "embed", "img", "form", "base", "video", "audio", "x-injected"].includes(tag))
      found.push(tag);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "style" || name === "src") found.push(`${tag} ${name}`);
      if (name === "href" && !/^(#[a-z0-9-]+|\.\/[^:]*|data:,)$/.test(value)) found.push(`${tag} leads to ${value}`);
    }
  }
  if (scripts !== 1) found.push(`${scripts} scripts`);
  return found;
}

describe("a run with every verdict", () => {
  const page = parsed(pageOf(storyOf(EVERY_VERDICT)));

  test("is rejected in one word, and nobody takes it for the whole", () => {
    expect(texts(page, "h1")).toEqual(["Reject"]);
    expect(texts(page, ".sentence")[0]).toMatch(/^Failed: 2 of 8 cases \(the module's\)\. Could not judge: /);
    expect(texts(page, "#partial")[0]).toContain("the run was interrupted; 1 skipped; 2 aborted; 1 not judged");
  });

  test("its failures are told in groups, with stage, blame and advice, those held against the module first", () => {
    expect(texts(page, ".group h3")).toEqual([
      "✗ failed 1 case at read back: the module's",
      "✗ failed 1 case at before the first stage: the module's",
      "! broken 1 case at before the first stage: the rig's",
    ]);
    expect(texts(page, ".group .advice")[0]).toBe("Erase and program once more.");
    expect(texts(page, ".group dd")[0]).toBe("0x10000 (65536)");
  });

  test("what was skipped, aborted or flaky is seen as such", () => {
    expect(texts(page, "#not-run")[0]).toContain("needs an unlocked module");
    expect(texts(page, "#flaky a")).toEqual(["boots in the end"]);
    expect(texts(page, "#clouds b")).toEqual(["interrupted", "rig sim retired"]);
  });
});

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  isArray: (name) => name === "testsuite",
});

/** Of the suites that hold cases of the run: how many came to what. */
function countsOf(xml: string): { failed: number; unjudged: number; skipped: number; all: number } {
  const suites: Record<string, string>[] = parser.parse(xml).testsuites.testsuite ?? [];
  const sum = (name: string) =>
    suites.filter((suite) => suite["@name"] !== "hil.run").reduce((all, suite) => all + Number(suite[name]), 0);
  return { failed: sum("@failures"), unjudged: sum("@errors"), skipped: sum("@skipped"), all: sum("@tests") };
}

test("the page and junit.xml cannot disagree, whatever happens in a run", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = storyOf(events);
      const page = parsed(pageOf(story));
      const of = (verdict: string) => number(page, `.case[data-verdict="${verdict}"]`);
      const junit = countsOf([...renderJunit(story)].join(""));
      expect({
        failed: of("failed"),
        unjudged: of("broken") + of("aborted"),
        skipped: of("skipped"),
        all: number(page, ".case"),
      }).toEqual(junit);
      for (const verdict of ["passed", "failed", "broken", "skipped", "aborted"])
        expect(texts(page, `[data-count="${verdict}"] b`)).toEqual([String(of(verdict))]);
      const [word = ""] = texts(page, "h1");
      expect({ "Could not judge": 2, Reject: 1 }[word] ?? 0).toBe(exitCodeOf(story.summary));
      expect(complaints(page)).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

const MARKUP = [
  "<x-injected>",
  '"><x-injected onload=alert(1)>',
  "'><img src=x onerror=alert(1)>",
  "</script><script>alert(1)</script>",
  "</title><x-injected>",
  "</style><x-injected>",
  "<!--",
  "]]><x-injected>",
  "javascript:alert(1)",
  "\u001b]0;</pre>",
  "&lt;x-injected&gt;",
];

test("nothing that a run says becomes markup", () => {
  const all = [...MARKUP, ...fc.sample(anyText, { numRuns: 300, seed: 67 })];
  const facts = all.flatMap((text, index): Fact[] => {
    const at = { case: `${index}${text}`, scenario: text, rig: text };
    return [
      {
        type: "case.started",
        ...at,
        properties: { before: text, after: `${text}2`, "fw.profile": text, "fw.version": text },
      },
      { type: "stage", case: at.case, stage: text, ms: index },
      { type: "note", case: at.case, message: text, trouble: true },
      { type: "output", case: at.case, text },
      { type: "attachment", case: at.case, name: text, file: text },
      { type: "measurement", case: at.case, name: text, unit: text, value: 1, ok: false },
      {
        type: "case.ended",
        ...at,
        verdict: "failed",
        fault: { ...fault(text), diagnosis: [text], details: { [text]: text } },
      },
    ];
  });
  const warned: Fact = { type: "run.warned", message: MARKUP.join("") };
  expect(complaints(parsed(pageOf(storyOf(eventsOf([{ ...STARTED, rigs: MARKUP }, warned, ...facts])))))).toEqual([]);
});

test("a run of a part never looks whole", () => {
  const at = { case: "a", scenario: "s", rig: "sim" };
  const passed: Fact[] = [
    { type: "case.started", ...at, properties: {} },
    { type: "case.ended", ...at, verdict: "passed" },
    { type: "run.ended", interrupted: false },
  ];
  const wordOf = (started: Partial<Extract<Fact, { type: "run.started" }>>) =>
    texts(parsed(pageOf(storyOf(eventsOf([{ ...STARTED, cases: 1, ...started }, ...passed])))), "h1");
  expect(wordOf({})).toEqual(["Accept"]);
  expect(wordOf({ shard: { index: 1, of: 2 } })).toEqual(["Accept, of a part"]);
  expect(wordOf({ options: { grep: "a" } })).toEqual(["Accept, of a part"]);
  expect(wordOf({ cases: 2 })).toEqual(["Accept, of a part"]);
});

test("2000 cases are less than 20 MB", () => {
  const story = storyOf([...longNight(2000)]);
  let chars = 0;
  for (const piece of renderPage(story)) chars += Buffer.byteLength(piece);
  expect(chars).toBeLessThan(20e6);
});
