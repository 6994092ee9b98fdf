import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import { caseOf } from "../../reports/junit-case.js";
import { fittedName, Names } from "../../reports/junit-names.js";
import { sharesOf } from "../../reports/junit-size.js";
import { type JunitCase, renderXml } from "../../reports/junit-xml.js";
import type { CaseEntry } from "../../reports/row.js";
import { storyOf } from "../../reports/story.js";
import { anyText, eventsOf, fault, STARTED } from "./support.js";

const GITLAB_BYTES = 30_000_000;
const NONE = { tests: 0, failures: 0, errors: 0, skipped: 0 };
const SUITE = { name: "s", hostname: "r", timestamp: undefined, ms: 0, properties: { rig: "r" }, totals: NONE };
const bytesOf = (cases: readonly JunitCase[]): number =>
  Buffer.byteLength([...renderXml([{ ...SUITE, cases }], NONE, 0)].join(""));

/** A case that says `text` wherever one can say something. */
function loud(text: string, verdict: CaseEntry["verdict"]): Fact[] {
  const at = { case: "a", scenario: "s", rig: "r" };
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`${index} ${text.slice(0, 20)}`, text]));
  return [
    STARTED,
    { type: "case.started", ...at, properties: many },
    { type: "attachment", case: "a", name: "log", file: "cases/a/log" },
    ...Array.from({ length: 40 }, (): Fact => ({ type: "case.retried", ...at, verdict: "broken", fault: fault(text) })),
    { type: "case.started", ...at, properties: many },
    ...Array.from({ length: 60 }, (): Fact => ({ type: "note", case: "a", message: text, trouble: true })),
    { type: "note", case: "a", message: text },
    { type: "output", case: "a", text },
    { type: "case.ended", ...at, verdict, reason: text, ...(verdict === "failed" && { fault: fault(text) }) },
  ];
}

test("a case takes no more of the file than its share, and keeps its verdict, a title, an attempt and an attachment", () => {
  const longText = fc.tuple(anyText, fc.constantFrom(1, 10, 300)).map(([text, times]) => `x${text}`.repeat(times));
  fc.assert(
    fc.property(
      longText,
      fc.constantFrom("passed", "failed", "skipped"),
      fc.integer({ min: 1400, max: 50_000 }),
      (text, verdict, bytes) => {
        const [row] = storyOf(eventsOf(loud(text, verdict))).rows();
        if (row === undefined) throw new Error("no row");
        const place = { name: "a", classname: "hil.s", timestamp: STARTED.wallTime, seed: 7, attachmentBase: "out/" };
        const one = caseOf(row, { ...place, bytes });
        expect(bytesOf([one]) - bytesOf([])).toBeLessThanOrEqual(bytes);
        expect(one.result?.kind).toBe({ passed: undefined, failed: "failure", skipped: "skipped" }[verdict]);
        expect(one.result?.message ?? "x").toMatch(/^x/);
        expect(one.attempts[0]?.message).toMatch(/^x/);
        expect(one.attachments).toEqual(["out/cases/a/log"]);
        if (verdict === "passed") expect(one.systemOut.length + 40).toBeLessThan(900);
      },
    ),
    { numRuns: 30 },
  );
});

test("GitLab reads no more than 30 MB: all shares together are less", () => {
  const entry = { case: "a", scenario: "s", rig: "r", startMs: 0, ms: 0 };
  const count = fc.nat(30_000);
  fc.assert(
    fc.property(count, count, fc.nat(2000), (passed, failed, suites) => {
      const [quiet, loudOne]: CaseEntry[] = [
        { ...entry, verdict: "passed" },
        { ...entry, verdict: "failed" },
      ];
      if (quiet === undefined || loudOne === undefined) throw new Error("no entries");
      const all = [...Array<CaseEntry>(passed).fill(quiet), ...Array<CaseEntry>(failed).fill(loudOne)];
      const share = sharesOf(all, suites);
      expect(share(quiet) * passed + share(loudOne) * failed + 1000 * suites).toBeLessThan(GITLAB_BYTES);
      expect(share(loudOne)).toBeGreaterThanOrEqual(share(quiet));
    }),
    { numRuns: 20 },
  );
});

test("a name is one line of 512 characters at most, and longer ones are told apart", () => {
  const long = "x".repeat(600);
  expect(fittedName("short name")).toBe("short name");
  expect(fittedName(`${long}a`)).toMatch(/^x{502}… [0-9a-f]{8}$/);
  expect(fittedName(`${long}a`)).not.toBe(fittedName(`${long}b`));
  fc.assert(
    fc.property(fc.array(anyText), (texts) => {
      const names = new Names();
      const taken = texts.flatMap((text) => [text, text.repeat(300), text.repeat(300)]).map((text) => names.take(text));
      expect(new Set(taken).size).toBe(taken.length);
      for (const name of taken) expect(name).toMatch(/^[^\n]{1,512}$/);
      for (const name of taken) expect(name.trim()).not.toBe("");
    }),
  );
});
