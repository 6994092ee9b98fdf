import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact, RunEvent, Verdict } from "../../harness/base/events.js";
import { parts } from "../../harness/run/lanes/walk.js";
import { mergeOf, type Part } from "../../reports/merge.js";
import { mergedEvents } from "../../reports/merge-journal.js";
import { writeMerged } from "../../reports/merge-write.js";
import type { Row } from "../../reports/row.js";
import { type Story, storyIn, storyOf } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { type Scratch, scratch } from "../support/scratch.js";
import { anyEvents, eventsOf, fault, STARTED } from "./support.js";

type Started = Partial<Extract<Fact, { type: "run.started" }>>;

const VERDICTS: readonly Verdict[] = ["passed", "failed", "skipped", "passed", "broken"];
const names = Array.from({ length: 11 }, (_, index) => `case ${index}`);

function factsOf(name: string, rig = "sim"): Fact[] {
  const index = names.indexOf(name);
  const at = { case: name, scenario: `s${index % 3}`, rig };
  const verdict = VERDICTS[index % VERDICTS.length] ?? "passed";
  return [
    { type: "case.started", ...at, properties: { n: `${index}` } },
    { type: "note", case: name, message: `of ${name}` },
    ...(index % 4 === 0
      ? [{ type: "case.retried", case: name, rig, verdict: "failed", fault: fault("x") } as const]
      : []),
    ...(index % 4 === 0 ? [{ type: "case.started", ...at, properties: { n: `${index}` } } as const] : []),
    { type: "case.ended", ...at, verdict, ...(verdict === "failed" && { fault: fault(`y ${index}`) }) },
  ];
}
const ENDED: Fact = { type: "run.ended", interrupted: false };
const runOf = (cases: readonly string[], started: Started = {}, rig = "sim", end: readonly Fact[] = [ENDED]) =>
  eventsOf([
    { ...STARTED, plan: "p", cases: cases.length, rigs: [rig], ...started },
    ...cases.flatMap((name) => factsOf(name, rig)),
    ...end,
  ]);
const shardOf = (index: number, of: number, started: Started = {}) =>
  runOf(parts(names, of)[index - 1] ?? [], {
    shard: { index, of },
    wallTime: `2025-11-22T02:${String(index).padStart(2, "0")}:00.000Z`,
    ...started,
  });
const part = (events: readonly RunEvent[], folder: string): Part => ({ folder, story: storyOf(events) });
const merged = (...runs: readonly (readonly RunEvent[])[]): Story => {
  const merger = mergeOf(runs.map((events, index) => part(events, `run-${index + 1}`)));
  return storyOf([...mergedEvents(merger, (_, file) => ({ file }))]);
};
const rowsOf = (story: Story): Omit<Row, "startMs">[] => [...story.rows()].map(({ startMs: _, ...row }) => row);

test.each([1, 2, 3, 11])("%i shards merged are the run that was not sharded, case for case in its order", (of) => {
  const shards = Array.from({ length: of }, (_, index) => shardOf(index + 1, of));
  const [one, sum] = [storyOf(runOf(names)), merged(...shards.toReversed())];
  expect(rowsOf(sum)).toEqual(rowsOf(one));
  const { ms: _one, wallTime: _, cases: _cases, ...same } = one.summary;
  expect(sum.summary).toMatchObject(same);
  expect(sum.summary.shard).toBeUndefined();
  expect(sum.summary.wallTime).toBe("2025-11-22T02:01:00.000Z");
});

test("a shard that is missing, or was interrupted, makes an interrupted run", () => {
  const { summary } = merged(shardOf(1, 3), shardOf(2, 3));
  expect(summary).toMatchObject({ interrupted: true, planned: 11 });
  expect(summary.cases).toHaveLength(7);
  expect(mergeOf([part(shardOf(1, 3), "a")]).told).toEqual([
    "shard 2/3 is missing: the merged run counts as interrupted",
    "shard 3/3 is missing: the merged run counts as interrupted",
  ]);
  const cut = [...shardOf(2, 2)].slice(0, -2);
  const both = merged(shardOf(1, 2), cut).summary;
  expect(both.interrupted).toBe(true);
  expect(both.cases.at(-1)).toMatchObject({ case: "case 10", verdict: "aborted", reason: "interrupted", ms: 500 });
});

test("cases that several rigs ran are told apart, others keep their names", () => {
  const [a, b] = [runOf(["case 0", "case 1"], {}, "a"), runOf(["case 1", "case 2"], { runId: "run-2" }, "b")];
  const { summary } = merged(a, b);
  expect(summary.cases.map((entry) => entry.case)).toEqual(["case 0", "case 1 [a]", "case 1 [b]", "case 2"]);
  expect(summary).toMatchObject({ runId: "run-1+run-2", planned: 4, interrupted: false });
  expect(summary.rigs.map(({ name }) => name)).toEqual(["a", "b"]);
});

test.each<[string, RunEvent[], RunEvent[], string]>([
  ["the same case of one rig", runOf(["case 1"]), runOf(["case 1"]), '"case 1" of rig sim is in run-1 and in run-2'],
  ["the same shard", shardOf(1, 2), shardOf(1, 2), "run-1 and run-2 are not parts of one run: both are shard 1/2"],
  ["other shards", shardOf(1, 2), shardOf(2, 3), "number of shards: 2 there, 3 here"],
  ["a shard and a whole", shardOf(1, 2), runOf(["case 1"]), "number of shards: 2 there, none here"],
  ["other plans", shardOf(1, 2), shardOf(2, 2, { plan: "q" }), "plan: p there, q here"],
  ["other seeds", runOf([]), runOf([], { seed: 8 }), "seed: 7 there, 8 here"],
  ["no shard", shardOf(1, 2), shardOf(2, 2, { shard: { index: 3, of: 2 } }), "run-2: expected a shard of 1/2 to 2/2"],
  [
    "other firmwares",
    runOf([], { firmwares: { t01: "aa" } }),
    runOf([], { firmwares: { t01: "bb", t02: "cc" } }),
    "firmware t01: aa there, bb here",
  ],
  [
    "a map of straps",
    runOf([]),
    runOf([], {
      sweep: { axes: [], working: { resetMs: 1, setupMs: 1, holdMs: 1, delayMs: 1 }, repeat: 1 },
      rigs: ["pi"],
    }),
    "run-2: it maps one module on one rig",
  ],
  [
    "a real module and a simulated one",
    runOf([]),
    runOf([], { simulated: ["sim"] }),
    "rig sim: a real one there, a simulated module here",
  ],
])("%s: refused, both named", (_, one, other, message) => {
  expect(() => merged(one, other)).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining(message) }),
  );
});

test("what belongs to no case is merged, and a run that went on is the run that it became", () => {
  const at = { case: "case 1", scenario: "s", rig: "sim" };
  const own: Fact[] = [
    { type: "rig.retired", rig: "sim", fault: fault("r") },
    { type: "stray", case: "case 9", rig: "sim", fault: fault("s") },
    { type: "lane.lost", rig: "sim", fault: fault("l") },
    { type: "note", case: "case 9", message: "of another run's case" },
    ENDED,
  ];
  const resumed = [
    { type: "case.started", ...at, properties: {} },
    { type: "case.ended", ...at, verdict: "aborted" },
    { type: "run.ended", interrupted: true },
    { type: "run.resumed", wallTime: STARTED.wallTime },
    ...factsOf("case 1"),
  ] satisfies Fact[];
  const { summary } = merged(runOf(["case 9"], {}, "b"), runOf([], {}, "sim", [...resumed, ...own]));
  expect(summary.retired.map((each) => each.fault.message)).toEqual(["r"]);
  expect(summary.strays.map((each) => each.fault.message)).toEqual(["s"]);
  expect(summary.lost.map((each) => each.fault.message)).toEqual(["l"]);
  expect(summary.cases.at(-1)).toMatchObject({ case: "case 1", verdict: "failed" });
});

test("what --fail-on-flaky holds against a part is held against the whole", () => {
  const flaky = { options: { failOnFlaky: true } };
  const of = (cases: readonly string[], started: Started) => runOf(cases, { ...started }, started.rigs?.[0]);
  const runs = [
    of(["case 3"], { rigs: ["a"], ...flaky }),
    of(["case 10"], { rigs: ["b"] }),
    of(["case 0"], { rigs: ["c"], ...flaky }),
  ];
  const [clean, passed, retried] = runs.map((events) => storyOf(events).summary);
  expect([clean, passed, retried].map((one) => one && exitCodeOf(one))).toEqual([0, 0, 1]);
  const { summary } = merged(...runs);
  expect(exitCodeOf(summary)).toBe(1);
  expect(summary).toMatchObject({ merged: 3, options: { failOnFlaky: true } });
  expect(merged(of(["case 3"], {})).summary.options).toBeUndefined();
});

test("any run merged alone comes to the same", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const [one, sum] = [storyOf(events), merged(events)];
      const brief = ({ summary }: Story) => summary.cases.map((entry) => [entry.case, entry.rig, entry.verdict]);
      expect(brief(sum)).toEqual(brief(one));
      expect(exitCodeOf(sum.summary)).toBe(exitCodeOf(one.summary));
      // Those of cases come first.
      expect(new Set(sum.summary.strays)).toEqual(new Set(one.summary.strays));
      expect(rowsOf(sum).map(({ notes, steps, attempts }) => ({ notes, steps, tries: attempts.length }))).toEqual(
        rowsOf(one).map(({ notes, steps, attempts }) => ({ notes, steps, tries: attempts.length })),
      );
    }),
  );
});

const ATTACHED = ["cases/1/log.txt", "cases/1/missing", "../../etc/passwd", "/etc/passwd", "cases/1/link"];
function written(folder: Scratch, name: string, rig: string): Part {
  const facts: Fact[] = ATTACHED.map((file) => ({ type: "attachment", case: "case 1", name: file, file }));
  const started: Fact[] = [{ ...STARTED, cases: 1, rigs: [rig] }, ...factsOf("case 1", rig).slice(0, 2)];
  const events = eventsOf([...started, ...facts, ...factsOf("case 1", rig).slice(2), ENDED]);
  const run = folder.file(name);
  mkdirSync(join(run, "cases/1"), { recursive: true });
  writeFileSync(join(run, "events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  writeFileSync(join(run, "cases/1/log.txt"), `log of ${rig}`);
  symlinkSync("/etc/passwd", join(run, "cases/1/link"));
  return { folder: run, story: storyIn(join(run, "events.jsonl")) };
}

test("attachments are copied, none over another one, and what is no file of the run is told and left", () => {
  using folder = scratch();
  const out = folder.file("out");
  const lost = writeMerged(mergeOf([written(folder, "a", "a"), written(folder, "b", "b")]), out);
  const rows = [...storyIn(join(out, "events.jsonl")).rows()];
  expect(rows.map(({ attachments }) => attachments.map(({ file }) => file))).toEqual([
    ["cases/1/log.txt"],
    ["cases/1/log-2.txt"],
  ]);
  for (const { rig, attachments } of rows)
    expect(readFileSync(join(out, attachments[0]?.file ?? ""), "utf8")).toBe(`log of ${rig}`);
  expect(readdirSync(join(out, "cases/1")).sort()).toEqual(["log-2.txt", "log.txt"]);
  expect(lost).toHaveLength(8);
  expect(lost[0]).toContain("cases/1/missing: ENOENT");
  expect(rows[0]?.notes.slice(1)).toEqual([
    expect.stringContaining("cases/1/missing was not merged: cases/1/missing: ENOENT: no such file or directory"),
    "the attachment ../../etc/passwd was not merged: ../../etc/passwd leads out of the run's folder",
    "the attachment /etc/passwd was not merged: /etc/passwd leads out of the run's folder",
    "the attachment cases/1/link was not merged: cases/1/link: it is no plain file",
  ]);
});

test("a link to a folder on the way is not followed, and no report of the merged run is an attachment", () => {
  using folder = scratch();
  using elsewhere = scratch();
  writeFileSync(elsewhere.file("secret"), "s");
  const run = folder.file("run");
  mkdirSync(join(run, "cases"), { recursive: true });
  symlinkSync(dirname(elsewhere.file("secret")), join(run, "cases/a"));
  writeFileSync(join(run, "junit.xml"), "mine");
  const files = ["cases/a/secret", "junit.xml", "cases/../junit.xml", "cases"];
  const facts: Fact[] = files.map((file) => ({ type: "attachment", case: "case 1", name: "x", file }));
  const events = eventsOf([STARTED, ...factsOf("case 1").slice(0, 2), ...facts, ENDED]);
  writeFileSync(join(run, "events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const out = folder.file("out");
  const lost = writeMerged(mergeOf([{ folder: run, story: storyIn(join(run, "events.jsonl")) }]), out);
  expect(lost.map((text) => text.split(": ").at(-1))).toEqual([
    "a link leads there",
    "junit.xml lies in no folder of the run",
    "cases/../junit.xml lies in no folder of the run",
    "cases lies in no folder of the run",
  ]);
  expect(readdirSync(out)).toEqual(["events.jsonl"]);
});

test("a run is never overwritten, and where an attachment finds no room there is no run", () => {
  using folder = scratch();
  const out = folder.file("out");
  const a = written(folder, "a", "a");
  mkdirSync(out);
  writeFileSync(join(out, "cases"), "in the way");
  expect(() => writeMerged(mergeOf([a]), out)).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
  expect(readdirSync(out)).toEqual(["cases"]);
  writeFileSync(join(out, "events.jsonl"), "mine");
  expect(() => writeMerged(mergeOf([a]), out)).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
  expect(readFileSync(join(out, "events.jsonl"), "utf8")).toBe("mine");
});
