import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import { renderMarkdown } from "../../reports/markdown-summary.js";
import { type Story, storyOf } from "../../reports/story.js";
import { anyEvents, EVERY_VERDICT, eventsOf, fault, STARTED } from "./support.js";

const textOf = (story: Story): string => [...renderMarkdown(story)].join("");
const of = (...facts: Fact[]): string => textOf(storyOf(eventsOf([STARTED, ...facts])));
const ENDED: Fact = { type: "run.ended", interrupted: false };
const AT = { scenario: "s", rig: "sim" };
const passed = (name: string): Fact => ({ type: "case.ended", case: name, ...AT, verdict: "passed" });

/** `markdown` without its code spans, as CommonMark finds them: a run of backticks up to the next one as long. */
function withoutCode(markdown: string): string {
  let rest = "";
  for (let at = 0; at < markdown.length; ) {
    const ticks = /^`+/.exec(markdown.slice(at))?.[0];
    const inner =
      ticks === undefined
        ? undefined
        : new RegExp(`^${ticks}[^\\n]*?[^\`\\n]${ticks}(?!\`)`).exec(markdown.slice(at))?.[0];
    if (inner === undefined) rest += markdown[at];
    at += inner?.length ?? 1;
  }
  return rest;
}

test("what somebody should look at is told, and what was flaky where nothing may be", () => {
  const facts: Fact[] = [
    { ...STARTED, cases: 1, options: { failOnFlaky: true } },
    { type: "run.warned", message: "the quarantine of a has expired" },
    { type: "case.started", case: "a", scenario: "s", rig: "sim", properties: {} },
    { type: "case.retried", case: "a", rig: "sim", verdict: "failed", fault: fault("x") },
    { type: "case.ended", case: "a", scenario: "s", rig: "sim", verdict: "passed" },
    { type: "run.ended", interrupted: false },
  ];
  const text = textOf(storyOf(eventsOf(facts)));
  expect(text).toContain("**Failed**: 1 of 1 case passed only after another attempt (--fail-on-flaky).");
  expect(text).toContain("### Warnings\n\n- `the quarantine of a has expired`");
});

test("a run with every verdict", () => {
  expect(textOf(storyOf(EVERY_VERDICT)).split("\n")).toEqual([
    "## st67-hil: `run-1`",
    "",
    "**Failed**: 2 of 8 cases (the module's). Could not judge: 3 of 8 cases (2 stopped from outside, 1 the rig's); the run was interrupted; 1 rig retired.",
    "",
    "- Rigs: `sim`",
    "- Cases: 2 passed, 2 failed, 1 broken, 1 skipped, 2 aborted, 1 flaky; 8 of 8 started, in 13.5 s",
    "- Harness: `0.1.0`, seed 7",
    "",
    "### Troubles of the run",
    "",
    "- `interrupted`: `ABORTED` `the run ended before its time: 8 of 8 cases had started` `Nothing to fix: it was stopped from outside.`",
    "- `rig sim retired`: `RIG_NOT_SAFE` `sim: BOOT could not be released` `Erase and program once more.`",
    "",
    "### What went wrong",
    "",
    "| Verdict | Scenario | Code | Cases | First of them | What it says |",
    "| --- | --- | --- | --- | --- | --- |",
    '| failed | `cross-flash` | `VERIFY_MISMATCH` | 2 | `verify` | `sim: expected "a]]>b]]>c" & <d>` |',
    "| broken | `boot` | `NOT_IN_ROM` | 1 | `boots` | `sim: no answer to the handshake` |",
    "",
    "### Flaky",
    "",
    "- `boots in the end`: broken, then passed",
    "",
    "### Not run",
    "",
    "- 1 case skipped: `needs an unlocked module`",
    "- 1 case aborted: `SIGINT`",
    "- 1 case aborted: `interrupted`",
    "",
    "### Slowest stages",
    "",
    "| Stage | Firmware | Times | Median | Longest |",
    "| --- | --- | --- | --- | --- |",
    "| `erase` | `t02@2.0.106` | 1 | 12.3 ms | 12.3 ms |",
    "",
  ]);
});

test("a clean run on a simulated module says so, with its firmware", () => {
  const firmwares = { "t01@2.0.106": "ab".repeat(32) };
  const events = eventsOf([{ ...STARTED, simulated: ["sim"], firmwares, cases: 1 }, passed("a"), ENDED]);
  const text = textOf(storyOf(events));
  expect(text).toContain("**Passed**: 1 of 1 case.\n");
  expect(text).toContain("- Rigs: `sim` (a simulated module)\n- Firmware: `t01@2.0.106` (`abababababab…`)\n");
});

test.each<[string, Fact[], string]>([
  [
    "flaky",
    [
      { type: "case.started", case: "a", ...AT, properties: {} },
      { type: "case.retried", case: "a", rig: "sim", verdict: "failed" },
      passed("a"),
      ENDED,
    ],
    "- `a`: failed, then passed\n",
  ],
  [
    "all skipped",
    [{ type: "case.ended", case: "a", ...AT, verdict: "skipped", reason: "x" }, ENDED],
    "**Could not judge**: no case was judged.\n",
  ],
  [
    "the firmware's",
    [{ type: "case.ended", case: "a", ...AT, verdict: "failed", fault: { ...fault("x"), blame: "firmware" } }, ENDED],
    "**Failed**: 1 of 1 case (the firmware's).\n",
  ],
  ["never started", [passed("a"), { type: "run.ended", interrupted: true }], "- 5 cases never started\n"],
])("%s", (_, facts, line) => expect(of(...facts)).toContain(line));

test("what comes from outside is neither markup, nor a link, nor a mention", () => {
  const message =
    "a|b `c` ``d`` <script>alert(1)</script> [x](javascript:1) @all #1 https://x.example www.x.example\n# head";
  const text = of({ type: "case.ended", case: message, ...AT, verdict: "failed", fault: fault(message) }, ENDED);
  expect(text).toContain("```a¦b `c` ``d`` <script>");
  expect(withoutCode(text)).not.toMatch(/script|javascript|@all|example|# head/);
});

test("a night of many failures is one screen", () => {
  const bad = Array.from({ length: 3000 }, (_, i): Fact => {
    const where = { case: `${i}${"ä|`".repeat(500)}`, scenario: `s${i}`, rig: "sim" };
    return {
      type: "case.ended",
      ...where,
      verdict: i % 2 ? "broken" : "skipped",
      reason: `${i}`,
      fault: fault("ö".repeat(5000)),
    };
  });
  const text = of(...bad, ENDED);
  expect(text).toContain("- and 1480 more in the other reports\n");
  expect(Buffer.byteLength(text)).toBeLessThan(64 * 1024);
  expect(text.split("\n").length).toBeLessThan(100);
});

test("any texts leave nothing but our own words outside of code", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const text = textOf(storyOf(events));
      expect(withoutCode(text)).toMatch(/^[A-Za-z0-9 .,:;()|*#'\n+-]*$/);
      for (const line of text.split("\n").filter((each) => each.startsWith("|")))
        expect([5, 6]).toContain(line.split("|").length - 2);
    }),
  );
});
