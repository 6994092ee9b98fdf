import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact, Verdict } from "../../harness/base/events.js";
import { storyOf } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { anyEvents, EVERY_VERDICT, eventsOf, fault, STARTED } from "./support.js";

const AT = { scenario: "s", rig: "sim" };
const ENDED: Fact = { type: "run.ended", interrupted: false };
const ended = (verdict: Verdict, name: string = verdict): Fact => ({ type: "case.ended", case: name, ...AT, verdict });

test("rows hold all that was said of a case", () => {
  const story = storyOf(EVERY_VERDICT);
  const { counts, retired, interrupted, ms } = story.summary;
  const rows = [...story.rows()];
  expect(rows.map((row) => row.verdict)).toEqual([
    ...["passed", "failed", "broken", "skipped", "aborted"],
    ...["passed", "failed", "aborted"],
  ]);
  expect(counts).toEqual({ passed: 2, failed: 2, broken: 1, skipped: 1, aborted: 2 });
  expect(rows[0]).toEqual({
    case: "cross-flash t01@2.0.97 -> t02@2.0.106",
    scenario: "cross-flash",
    rig: "sim",
    verdict: "passed",
    startMs: 500,
    ms: 3500,
    properties: { "fw.profile": "t02", "fw.version": "2.0.106" },
    measurements: [{ name: "boot", value: 640, unit: "ms", max: 4000, ok: true }],
    stages: [{ stage: "erase", ms: 12.3456, bytes: 4096 }],
    attachments: [{ name: "trace", file: "cases/1/trace.jsonl" }],
    notes: ["served at the boot baud"],
    troubles: [],
    steps: [{ step: "flash", ok: true }],
    attempts: [],
  });
  expect(rows[1]?.steps).toEqual([{ step: "read back", ok: undefined }]);
  expect(retired.map(({ rig }) => rig)).toEqual(["sim"]);
  expect(interrupted).toBe(true);
  expect(ms).toBe((EVERY_VERDICT.length - 1) * 500);
});

test("a case that a kill cut off is aborted, up to the last that was heard of the run", () => {
  const facts: Fact[] = [
    STARTED,
    { type: "case.started", case: "a", ...AT, properties: {} },
    { type: "note", case: "a", message: "x" },
  ];
  expect([...storyOf(eventsOf(facts)).rows()]).toMatchObject([
    { verdict: "aborted", reason: "interrupted", ms: 500, notes: ["x"] },
  ]);
});

test("the same name after its end is a new row", () => {
  const twice: Fact[] = [1, 2].flatMap((n) => [
    { type: "case.started", case: "a", ...AT, properties: { n: `${n}` } },
    { type: "note", case: "a", message: `${n}` },
    ended("passed", "a"),
  ]);
  const rows = [...storyOf(eventsOf([STARTED, ...twice, ENDED])).rows()];
  expect(rows.map(({ notes, properties }) => [notes, properties])).toEqual([
    [["1"], { n: "1" }],
    [["2"], { n: "2" }],
  ]);
});

const retried = (verdict: Verdict): Fact => ({
  type: "case.retried",
  case: "a",
  rig: "sim",
  verdict,
  fault: fault(`was ${verdict}`),
});
const started = (name: string, rig = "sim"): Fact => ({
  type: "case.started",
  case: name,
  scenario: "s",
  rig,
  properties: {},
});

test("attempts before the last one are told with it, and what they gathered is theirs", () => {
  const facts: Fact[] = [
    STARTED,
    started("a"),
    { type: "note", case: "a", message: "first" },
    { type: "attachment", case: "a", name: "log", file: "cases/a/log" },
    retried("failed"),
    started("a", "other"),
    { type: "note", case: "a", message: "second" },
    ended("passed", "a"),
    ENDED,
  ];
  const story = storyOf(eventsOf(facts));
  const [row] = story.rows();
  expect(story.summary).toMatchObject({ flaky: 1, counts: { passed: 1, failed: 0 }, cases: [{ flaky: "failed" }] });
  expect(row).toMatchObject({ verdict: "passed", flaky: "failed", notes: ["second"], startMs: 2500, ms: 1000 });
  expect(row?.attachments).toEqual([{ name: "log", file: "cases/a/log" }]);
  expect(row?.attempts).toEqual([{ rig: "sim", verdict: "failed", ms: 1500, fault: fault("was failed") }]);
});

test.each([
  ["failed", "failed", 1],
  ["broken", "aborted", 2],
] as const)("%s, and cut off in the next attempt: %s", (first, verdict, code) => {
  for (const more of [[], [started("a")]]) {
    const { summary } = storyOf(eventsOf([STARTED, started("a"), retried(first), ...more]));
    expect(summary.cases).toMatchObject([{ verdict, reason: "interrupted" }]);
    expect(exitCodeOf(summary)).toBe(code);
  }
});

test.each([
  ["failed", 1],
  ["broken", 2],
] as const)("a case that was %s and then passed is flaky: exit code %i where that counts", (first, code) => {
  const codes = [false, true].map((failOnFlaky) => {
    const begun: Fact = { ...STARTED, options: { failOnFlaky } };
    const facts = [begun, started("a"), retried(first), started("a"), ended("passed", "a"), ENDED];
    return exitCodeOf(storyOf(eventsOf(facts)).summary);
  });
  expect(codes).toEqual([0, code]);
});

test("a run that was gone on with is interrupted no more, and a case that was open begins anew", () => {
  const facts: Fact[] = [
    STARTED,
    started("a"),
    { type: "note", case: "a", message: "cut off" },
    { type: "run.ended", interrupted: true },
    { type: "run.resumed", wallTime: "2025-11-22T03:00:00.000Z" },
  ];
  const rest: Fact[] = [started("a"), ended("passed", "a"), ENDED];
  expect(storyOf(eventsOf(facts)).summary.interrupted).toBe(true);
  const story = storyOf(eventsOf([...facts, ...rest]));
  expect(story.summary).toMatchObject({ interrupted: false, cases: [{ verdict: "passed" }] });
  expect([...story.rows()]).toMatchObject([{ notes: [], startMs: 2500 }]);
});

test("wear is that of all attempts, with the rig of each, whether they ended or not", () => {
  const wear = (first: number): Fact => ({ type: "wear", case: "a", chip: "40827b037742", first, sectors: 2 });
  const started = (rig: string): Fact => ({ type: "case.started", case: "a", scenario: "s", rig, properties: {} });
  const facts: Fact[] = [
    ...[STARTED, started("one"), wear(8)],
    ...[{ type: "case.retried", case: "a", rig: "one", verdict: "failed" } as const, started("two"), wear(9)],
    ...[{ type: "run.resumed", wallTime: "2025-11-22T03:00:00.000Z" } as const, started("two")],
    ...[{ type: "wear", case: "a", chip: "40827b037742", first: 0 } as const, ended("passed", "a"), ENDED],
  ];
  const chip = "40827b037742";
  expect([...storyOf(eventsOf(facts)).rows()].map((row) => row.wear)).toEqual([
    [
      { rig: "one", chip, first: 8, sectors: 2 },
      { rig: "two", chip, first: 9, sectors: 2 },
      { rig: "two", chip, first: 0 },
    ],
  ]);
});

test("a case that was called off in a later attempt, and passed when the run went on, is flaky in every document", () => {
  const again = [started("a"), ended("passed", "a"), ENDED];
  const calledOff: Fact[] = [started("a"), retried("broken"), started("a"), ended("aborted", "a")];
  const resumed: Fact = { type: "run.resumed", wallTime: "2025-11-22T03:00:00.000Z" };
  const begun: Fact = { ...STARTED, options: { failOnFlaky: true } };
  const story = storyOf(eventsOf([begun, ...calledOff, resumed, ...again]));
  expect(story.summary).toMatchObject({ flaky: 1, counts: { passed: 1, aborted: 0 }, cases: [{ flaky: "broken" }] });
  expect([...story.rows()]).toMatchObject([{ verdict: "passed", flaky: "broken" }]);
  expect(exitCodeOf(story.summary)).toBe(2);
});

test("an error that shows after a pass makes a case broken, but one that failed before it passed has failed", () => {
  const stray: Fact = { type: "stray", case: "a", rig: "sim", fault: fault("late") };
  for (const [first, verdict, message, code] of [
    ["broken", "broken", "late", 2],
    ["failed", "failed", "was failed", 1],
  ] as const) {
    const facts = [STARTED, started("a"), retried(first), started("a"), ended("passed", "a"), stray, ENDED];
    const story = storyOf(eventsOf(facts));
    for (const [entry] of [story.summary.cases, [...story.rows()]]) {
      expect(entry).toMatchObject({ verdict, fault: { message } });
      expect(entry).not.toHaveProperty("flaky");
    }
    expect(exitCodeOf(story.summary)).toBe(code);
  }
});

test("facts of a case that nobody knows are passed over", () => {
  const { cases } = storyOf(eventsOf([STARTED, { type: "note", case: "ghost", message: "boo" }, ENDED])).summary;
  expect(cases).toEqual([]);
});

test("events without a start are no run", () => {
  expect(() => storyOf([])).toThrow(expect.objectContaining({ code: "RUN_UNREADABLE" }));
});

test.each<[string, Fact[], number]>([
  ["all passed", [ended("passed"), ENDED], 0],
  ["a passed and a skipped one", [ended("passed"), ended("skipped"), ENDED], 0],
  ["a failed one, also beside a broken one", [ended("broken"), ended("failed"), ended("passed"), ENDED], 1],
  ["a broken one", [ended("passed"), ended("broken"), ENDED], 2],
  ["an aborted one", [ended("passed"), ended("aborted"), ENDED], 2],
  ["no case", [ENDED], 2],
  ["all skipped", [ended("skipped"), ENDED], 2],
  ["a run that was killed between two cases", [ended("passed")], 2],
  ["a run that was interrupted", [ended("passed"), { type: "run.ended", interrupted: true }], 2],
  [
    "a rig that could not be made safe",
    [ended("passed"), { type: "rig.retired", rig: "sim", fault: fault("x") }, ENDED],
    2,
  ],
])("the exit code of %s", (_, facts, code) => {
  expect(exitCodeOf(storyOf(eventsOf([STARTED, ...facts])).summary)).toBe(code);
});

test("counts and rows agree, and time never runs backwards", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = storyOf(events);
      const { cases, counts } = story.summary;
      const rows = [...story.rows()];
      expect(rows.map(({ case: name, verdict, ms }) => ({ name, verdict, ms }))).toEqual(
        cases.map(({ case: name, verdict, ms }) => ({ name, verdict, ms })),
      );
      for (const verdict of Object.keys(counts) as Verdict[]) {
        expect(counts[verdict]).toBe(rows.filter((row) => row.verdict === verdict).length);
      }
      for (const { ms, startMs } of rows) expect(Math.min(ms, startMs)).toBeGreaterThanOrEqual(-1e-6);
    }),
  );
});

test("a rig that joins a farm's run later is among its rigs, and a simulated one is told as such", () => {
  const begun = (rig: string, simulated: boolean): Fact => ({
    type: "job.begun",
    ...{ job: 0, delivery: 1, rig, fence: 1, simulated },
  });
  const { summary } = storyOf(
    eventsOf([{ ...STARTED, rigs: ["one"], simulated: [] }, begun("one", true), begun("two", false), ENDED]),
  );
  expect(summary.rigs).toEqual([
    { name: "one", simulated: true },
    { name: "two", simulated: false },
  ]);
});
