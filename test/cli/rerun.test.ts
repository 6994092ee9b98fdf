import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { prune } from "../../harness/cli/run/prune.js";
import { storyIn } from "../../reports/story.js";
import { st67hil } from "../support/cli.js";
import { labels, own, readRun, runScenarios, scenariosIn } from "../support/lane-run.js";
import { Running } from "../support/running.js";
import { type Scratch, scratch } from "../support/scratch.js";

/** Counts the attempts of a case in a file, and goes by what is foreseen for each: `failed`, `broken` or `passed`. */
const byPlan = (folder: Scratch, plan: readonly string[]): string => `
    const { appendFileSync, readFileSync } = await import("node:fs");
    const file = ${JSON.stringify(folder.file("attempts"))} + "-" + label;
    appendFileSync(file, ".");
    const come = ${JSON.stringify(plan)}[readFileSync(file, "utf8").length - 1];
    attach("log.txt", come);
    if (come === "failed") expect(come).toBe("passed");
    if (come === "broken") throw new Error("of ours");`;

const entriesOf = (out: string) =>
  storyIn(join(out, "events.jsonl")).summary.cases.map(({ case: name, verdict, flaky }) => [name, verdict, flaky]);

test("a case that did not pass begins once more, as often as was asked for: one that passes then is flaky", async () => {
  using folder = scratch();
  const plan = byPlan(folder, ["failed", "passed"]);
  const run = await runScenarios(folder, { own: own("own", plan, labels("a")) }, ["--retries", "3"]);
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/passed {3}own a .*after: attempt 1 failed \(EXPECTATION_FAILED\)/);
  expect(run.stdout).toContain("1 passed, 1 of them flaky");
  expect(run.events.map(({ type }) => type).filter((type) => String(type).startsWith("case."))).toEqual([
    ...["case.started", "case.retried", "case.started", "case.ended"],
  ]);
  expect(entriesOf(run.out)).toEqual([["own a", "passed", "failed"]]);
  const [row] = storyIn(join(run.out, "events.jsonl")).rows();
  const logs = row?.attachments.filter(({ name }) => name === "log.txt");
  const files = logs?.map(({ file }) => [file.replace(/^.*?-[0-9a-f]{8}\//, ""), read(run.out, file)]);
  expect(files).toEqual([
    ["log.txt", "failed"],
    ["attempt-2/log.txt", "passed"],
  ]);
  expect(row?.attachments.filter(({ name }) => name === "trace.jsonl")).toHaveLength(2);
  rmSync(folder.file("attempts-a"));
  const strict = ["--retries", "1", "--fail-on-flaky", "--out", folder.file("strict")];
  expect(await st67hil([...scenariosIn(folder, {}), ...strict])).toMatchObject({ code: 1 });
});

const read = (out: string, file: string): string => readFileSync(join(out, file), "utf8");

test.each([
  [["failed", "failed", "failed"], "2", "failed", 1],
  [["failed", "broken"], "1", "failed", 1],
  [["broken", "failed"], "1", "failed", 1],
  [["broken", "broken"], "1", "broken", 2],
  [["failed", "passed"], "0", "failed", 1],
] as const)("attempts that %j come to, with --retries %s: %s", async (plan, retries, verdict, code) => {
  using folder = scratch();
  const scenario = own("own", byPlan(folder, plan), labels("a"));
  const run = await runScenarios(folder, { own: scenario }, ["--retries", retries]);
  expect({ code: run.code, entries: entriesOf(run.out) }).toEqual({ code, entries: [["own a", verdict, undefined]] });
  expect(run.events.filter(({ type }) => type === "case.ended")).toHaveLength(1);
  expect(readFileSync(folder.file("attempts-a"), "utf8")).toHaveLength(Number(retries) + 1);
});

test("a case that its rig broke goes once to another rig, without being asked for, and to no third one", async () => {
  using folder = scratch();
  const rigs = ["cut", "loose", "good"].flatMap((name) => {
    const wiring = name === "good" ? "" : "sim: { wiring: { boot: open } }\n";
    writeFileSync(folder.file(`${name}.yaml`), `name: ${name}\nstraps: { driver: sim }\n${wiring}`);
    return ["--rig", folder.file(`${name}.yaml`)];
  });
  const enters = own("own", "await enterRom();", labels("a"));
  const bad = await runScenarios(folder, { own: enters }, rigs.slice(0, 4));
  expect({ code: bad.code, entries: entriesOf(bad.out) }).toEqual({
    code: 2,
    entries: [["own a", "broken", undefined]],
  });
  expect(bad.events.filter(({ type }) => type === "case.retried")).toHaveLength(1);
  const args = [...scenariosIn(folder, {}), ...rigs.slice(2), "--out", folder.file("moved")];
  expect(await st67hil(args)).toMatchObject({ code: 0 });
  expect(entriesOf(folder.file("moved"))).toEqual([["own a", "passed", "broken"]]);
  const last = readRun(folder.file("moved")).events.findLast(({ type }) => type === "case.ended");
  expect(last).toMatchObject({ rig: "good" });
});

test("a case that may not begin once more is told of the rig that it failed on", async () => {
  using folder = scratch();
  writeFileSync(folder.file("cut.yaml"), "name: cut\nstraps: { driver: sim }\nsim: { wiring: { boot: open } }\n");
  writeFileSync(folder.file("good.yaml"), "name: good\nstraps: { driver: sim }\n");
  const rigs = ["--rig", folder.file("cut.yaml"), "--rig", folder.file("good.yaml")];
  const fails = own("own", "await enterRom(); expect(1).toBe(2);", labels("a"));
  const run = await runScenarios(folder, { own: fails }, [...rigs, "--retries", "1", "--time-budget", "500ms"]);
  expect(run.code).toBe(1);
  expect(run.events.filter(({ type }) => type === "case.retried")).toMatchObject([{ rig: "cut" }, { rig: "good" }]);
  expect(storyIn(join(run.out, "events.jsonl")).summary.cases).toMatchObject([{ rig: "good", verdict: "failed" }]);
});

test("no case begins after the time budget, and the rest says why", async () => {
  using folder = scratch();
  const out = folder.file("run");
  const { code, stdout } = await st67hil(["run", "flash-and-boot*", "--time-budget", "20s", "--out", out]);
  expect(code).toBe(0);
  expect(stdout).toContain("2 passed, 2 skipped");
  expect(stdout).toContain("skipped  flash-and-boot t02@2.0.106 (the time of sim was up (--time-budget 20s))");
});

test("the shards of a run are its cases, each once", async () => {
  const names = async (...more: string[]) => (await st67hil(["list", ...more])).stdout.trimEnd().split("\n");
  const all = await names();
  const shards = await Promise.all(["1/3", "2/3", "3/3"].map((shard) => names("--shard", shard)));
  expect(shards.flat()).toEqual(all);
  expect(shards.map(({ length }) => length)).toEqual([5, 4, 5]);
  for (const [shard, told] of [
    ["0/3", "--shard: expected a part and the number of all, as 2/3"],
    ["4/3", "--shard: expected a part"],
    ["1", "--shard: expected a part"],
  ] as const) {
    const { code, stderr } = await st67hil(["list", "identify", "--shard", shard]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(told) });
  }
});

test("what is in quarantine is skipped with its reason, until it expires; what an entry does not hold is told", async () => {
  using folder = scratch();
  const file = folder.file("quarantine.yaml");
  const entry = (pattern: string, expiry: string) => `- { case: "${pattern}", reason: known, expiry: ${expiry} }\n`;
  const until = "2099-12-31";
  writeFileSync(file, entry("own b*", until) + entry("own a", "2020-01-01") + entry("gone", until));
  const run = await runScenarios(folder, { own: own("own", "", labels("a", "b", "c")) }, ["--quarantine", file]);
  expect(run.code).toBe(0);
  expect(entriesOf(run.out).map(([, verdict]) => verdict)).toEqual(["passed", "skipped", "passed"]);
  expect(run.stdout).toContain("skipped  own b (quarantine until 2099-12-31: known)");
  expect(run.stdout).toContain("the quarantine of own a has expired on 2020-01-01: it is run again (known)");
  expect(run.stdout).toContain("the quarantine of gone holds no case of this run");
  writeFileSync(file, entry("*", until));
  const all = await st67hil([...scenariosIn(folder, {}), "--quarantine", file, "--out", folder.file("all")]);
  expect(all.code).toBe(2);
  writeFileSync(file, "- { case: own a, reson: x, expiry: 31.12.2026 }\n");
  const wrong = await st67hil([...scenariosIn(folder, {}), "--quarantine", file, "--out", folder.file("wrong")]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("QUARANTINE_INVALID");
  for (const told of ["did you mean reason?", "expected a day as 2026-12-31"]) expect(wrong.stderr).toContain(told);
  expect(existsSync(folder.file("wrong"))).toBe(false);
});

/** The third of five cases waits for ever, the first time. */
const waits = (folder: Scratch): string =>
  own(
    "own",
    `const { existsSync, writeFileSync } = await import("node:fs");
    const mark = ${JSON.stringify(folder.file("waited"))};
    measure("one", 1, "ms");
    if (label !== "c" || existsSync(mark)) return;
    writeFileSync(mark, "");
    await new Promise(() => {});`,
    labels("a", "b", "c", "d", "e"),
  );

test.each(["SIGKILL", "SIGTERM"] as const)(
  "a run that %s ended goes on, and ends as one that was not",
  async (signal) => {
    using folder = scratch();
    const args = scenariosIn(folder, { own: waits(folder) });
    const out = folder.file("run");
    const journal = join(out, "events.jsonl");
    await using run = new Running([...args, "--out", out, "--retries", "1"]);
    await run.until(() => existsSync(folder.file("waited")));
    const busy = await st67hil(["run", "--resume", out]);
    expect(busy).toMatchObject({ code: 2, stderr: expect.stringContaining("is still at it") });
    run.signal(signal);
    await run.ended();
    if (signal === "SIGKILL") appendFileSync(journal, '{"type":"note","seq":99');
    const before = readFileSync(journal, "utf8").split("\n").length;
    const other = await st67hil(["run", "--resume", out, "--seed", "2", "own a", "--out", "x"]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("--out does not go with --resume") });
    const more = await st67hil(["run", "--resume", out, "--seed", "2", "own a"]);
    expect(more).toMatchObject({ code: 2, stderr: expect.stringContaining("leave out names of cases, --seed") });
    expect(readFileSync(journal, "utf8").split("\n")).toHaveLength(before);
    // Two at once: at most one of them goes on, and the other one says why it does not.
    const both = await Promise.all([1, 2].map(() => st67hil(["run", "--resume", out, "--json"])));
    for (const each of both) if (each.code !== 0) expect(each.stderr).toMatch(/is still at it|has gone on with it/);
    const resumed = both.find(({ code }) => code === 0) ?? (await st67hil(["run", "--resume", out, "--json"]));
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain("goes on with");
    const { events, cases } = readRun(out);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events.filter(({ type }) => type === "run.resumed").length).toBeLessThanOrEqual(2);
    expect([...cases.keys()]).toEqual(["own a", "own b", "own c", "own d", "own e"]);
    const { summary } = storyIn(journal);
    expect(summary).toMatchObject({ interrupted: false, counts: { passed: 5, aborted: 0 }, planned: 5 });
    expect(JSON.parse(resumed.stdout).cases).toHaveLength(5);
    for (const { startMs, ms } of summary.cases) expect(Math.min(startMs, ms)).toBeGreaterThanOrEqual(0);
  },
);

test("a run whose cases or firmware have changed does not go on, and nothing is written", async () => {
  using folder = scratch();
  const args = scenariosIn(folder, { own: waits(folder) });
  const out = folder.file("run");
  await using run = new Running([...args, "--out", out]);
  await run.until(() => existsSync(folder.file("waited")));
  run.signal("SIGKILL");
  await run.ended();
  const journal = readFileSync(join(out, "events.jsonl"));
  writeFileSync(folder.file("scenarios/own.ts"), own("own", "", labels("a", "b", "x")));
  const changed = await st67hil(["run", "--resume", out]);
  expect(changed).toMatchObject({ code: 2, stderr: expect.stringContaining("RUN_CHANGED") });
  expect(readFileSync(join(out, "events.jsonl"))).toEqual(journal);
  const [line = "", ...rest] = journal.toString("utf8").split("\n");
  const begun = JSON.parse(line);
  begun.files = { "boot2.bin": "0".repeat(64) };
  writeFileSync(folder.file("scenarios/own.ts"), waits(folder));
  writeFileSync(join(out, "events.jsonl"), [JSON.stringify(begun), ...rest].join("\n"));
  const other = await st67hil(["run", "--resume", out]);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("the firmware has changed: boot2.bin") });
  begun.files = {};
  for (const rigs of [{ rigs: ["bench"] }, { simulated: [] }]) {
    writeFileSync(join(out, "events.jsonl"), [JSON.stringify({ ...begun, ...rigs }), ...rest].join("\n"));
    const moved = await st67hil(["run", "--resume", out]);
    expect(moved).toMatchObject({ code: 2, stderr: expect.stringContaining("since it began the rigs have changed") });
  }
  const { options: _, ...old } = begun;
  writeFileSync(join(out, "events.jsonl"), [JSON.stringify(old), ...rest].join("\n"));
  const without = await st67hil(["run", "--resume", out]);
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("does not tell its options") });
});

test("what a run counted and held back before it was cut off counts when it goes on", async () => {
  using folder = scratch();
  const quarantine = folder.file("quarantine.yaml");
  writeFileSync(quarantine, "- { case: own a, reason: known, expiry: 2099-12-31 }\n");
  const fails = own("own", "expect(label).toBe('c');", labels("a", "b", "c", "d", "e"));
  const run = await runScenarios(folder, { own: fails }, ["--max-failures", "2", "--quarantine", quarantine]);
  const verdicts = ["skipped", "failed", "passed", "failed", "skipped"];
  expect(entriesOf(run.out).map(([, verdict]) => verdict)).toEqual(verdicts);
  const journal = join(run.out, "events.jsonl");
  const text = readFileSync(journal, "utf8");
  writeFileSync(journal, text.slice(0, text.indexOf('{"type":"case.started"', text.indexOf('"verdict":"passed"'))));
  const resumed = await st67hil(["run", "--resume", run.out]);
  expect(entriesOf(run.out).map(([, verdict]) => verdict)).toEqual(verdicts);
  expect(resumed.stdout).toContain("own e (2 cases failed or broke before (--max-failures))");
  expect(resumed.stdout).not.toContain("holds no case");
});

test("--keep counts a night that is called like another one, and leaves the other parts of the same run", async () => {
  using folder = scratch();
  for (const part of ["1/2", "2/2"]) {
    const name = folder.file(`out/${part[0]}`);
    const args = ["run", "identify", "--repeat", "2", "--shard", part, "--run-id", "night", "--out", name];
    expect(await st67hil([...args, "--keep", "1"])).toMatchObject({ code: 0 });
  }
  expect(readdirSync(folder.file("out")).sort()).toEqual(["1", "2", "history.sqlite"]);
  for (const name of ["x", "y"]) {
    const args = ["run", "identify", "--run-id", "night", "--out", folder.file(`nights/${name}`), "--keep", "1"];
    expect(await st67hil(args)).toMatchObject({ code: 0 });
  }
  expect(readdirSync(folder.file("nights")).sort()).toEqual(["history.sqlite", "y"]);
});

test("a run whose end could not be written down removes no other one", () => {
  using folder = scratch();
  const wallTime = "2025-11-22T02:00:00.000Z";
  const started = { wallTime, harness: "0", seed: 1, rigs: ["sim"], cases: 1, plan: "p" };
  for (const name of ["old", "own"]) {
    const events = [
      { type: "run.started", seq: 0, atMs: 0, ...started, runId: name },
      { type: "run.warned", seq: 1, atMs: 0, message: "x" },
      ...(name === "old" ? [{ type: "run.ended", seq: 2, atMs: 0, interrupted: false }] : []),
    ];
    mkdirSync(folder.file(`out/${name}`), { recursive: true });
    writeFileSync(
      folder.file(`out/${name}/events.jsonl`),
      events.map((event) => `${JSON.stringify(event)}\n`).join(""),
    );
  }
  expect(prune(folder.file("out/own"), 1)).toEqual([]);
  expect(readdirSync(folder.file("out")).sort()).toEqual(["old", "own"]);
});

test("a folder that bears the name of the link under way is left alone", async () => {
  using folder = scratch();
  mkdirSync(folder.file("out/latest-n9"), { recursive: true });
  const { code } = await st67hil(["run", "identify", "--run-id", "n9", "--out", folder.file("out/n9")]);
  expect(code).toBe(0);
  expect(readdirSync(folder.file("out")).sort()).toEqual(["history.sqlite", "latest", "latest-n9", "n9"]);
});

test("--keep leaves so many runs, the last good one, and whatever is no ended run of ours", async () => {
  using folder = scratch();
  const run = (name: string, ...more: string[]) =>
    st67hil(["run", "identify", "--out", folder.file(`out/${name}`), "--history", folder.file("history"), ...more]);
  await run("good");
  await run("open", "--set", "sim.wiring.boot=open");
  cpSync(folder.file("out/open"), folder.file("out/killed"), { recursive: true });
  const text = readFileSync(folder.file("out/killed/events.jsonl"), "utf8");
  writeFileSync(folder.file("out/killed/events.jsonl"), text.slice(0, text.lastIndexOf('{"type":"run.ended"')));
  cpSync(folder.file("out/open"), folder.file("out/mine"), { recursive: true });
  writeFileSync(folder.file("out/mine/thesis.txt"), "");
  mkdirSync(folder.file("out/empty"));
  const { code } = await run("last", "--set", "sim.wiring.boot=open", "--keep", "1");
  expect(code).toBe(2);
  expect(readdirSync(folder.file("out")).sort()).toEqual(["empty", "good", "killed", "last", "mine"]);
  await run("better", "--keep", "1");
  expect(readdirSync(folder.file("out")).sort()).toEqual(["better", "empty", "killed", "mine"]);
});
