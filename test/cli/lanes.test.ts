import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { folderOf } from "../../harness/run/evidence.js";
import { st67hil } from "../support/cli.js";
import { goneWithin, type LaneRun, labels, own, processesOf, readRun, runScenarios } from "../support/lane-run.js";
import { FILES } from "../support/lane-scenarios.js";
import { scratch } from "../support/scratch.js";

const MB = 1024 * 1024;

const folder = scratch();
let run: LaneRun;

beforeAll(async () => {
  run = await runScenarios(folder, FILES);
}, 120_000);

afterAll(async () => {
  // The one that got away is ended by its id.
  process.kill(Number(attached("detached", "pid.txt")), "SIGKILL");
  await goneWithin(folder, 10_000);
  folder[Symbol.dispose]();
});

const attached = (name: string, file: string): string => readFileSync(join(run.out, folderOf(name), file), "utf8");
const verdicts = (...names: readonly string[]) => names.map((name) => run.cases.get(name)?.verdict);
const load = (name: string) => [...run.cases].find(([each]) => each.startsWith("load ") && each.includes(name))?.[1];

test("a run with all of them ends by itself: exit 2 or 1, one row a case, all in one report", () => {
  expect(run).toMatchObject({ code: 1, signal: null });
  const ended = run.events.filter(({ type }) => type === "case.ended").map((event) => event["case"]);
  expect(new Set(ended).size).toBe(ended.length);
  expect(new Set(run.cases.keys())).toEqual(new Set(ended));
  expect(run.events[0]).toMatchObject({ type: "run.started", cases: ended.length });
  expect(run.events.at(-1)).toMatchObject({ type: "run.ended", interrupted: false });
  expect(verdicts("last")).toEqual(["passed"]);
});

test("a body that ends the process: the case is broken by it, the next one runs", () => {
  expect(verdicts("exits first", "exits second", "exits third")).toEqual(["passed", "broken", "passed"]);
  expect(run.cases.get("exits second")).toMatchObject({
    type: "SCENARIO_EXITED",
    text: expect.stringContaining("exit code 0"),
  });
});

test("a promise that nobody awaits is its maker's, at once and in a later case", () => {
  expect(verdicts("rejects makes", "rejects next", "rejects last")).toEqual(["broken", "passed", "passed"]);
  expect(run.cases.get("rejects makes")?.text).toMatch(/nobody awaits(.|\n)*b_rejects\.ts:\d+:\d+/);
  expect(verdicts("late makes", "late next", "late last")).toEqual(["broken", "passed", "passed"]);
  expect(run.cases.get("late makes")?.text).toContain("too late");
  expect(run.cases.get("left error")).toMatchObject({
    verdict: "broken",
    text: expect.stringContaining("after its end"),
  });
});

test("a claim that fails in a race that nobody awaits fails its case", () => {
  expect(verdicts("unawaited race", "unawaited raceAlong")).toEqual(["failed", "failed"]);
});

test("a megabyte that differs is told by its offset and lengths", () => {
  expect(run.cases.get("compares")).toMatchObject({ verdict: "failed", type: "EXPECTATION_FAILED" });
  expect(run.cases.get("compares")?.text).toMatch(/from offset 700000 on(.|\n)*1048576 bytes/);
});

test("a loop that never yields ends after its time and the grace", () => {
  expect(run.cases.get("spins")).toMatchObject({ verdict: "broken", type: "CASE_TIMEOUT" });
  expect(run.cases.get("spins")?.text).toContain("longer than 1000 ms and did not end within 1000 ms");
});

test("what is real is waited for in a simulated case: a timer, a child process, a file, a socket", () => {
  expect(verdicts("waits timer", "waits child", "waits file", "waits socket")).toEqual(Array(4).fill("passed"));
});

test("an interval and a server that are left open are told with the case that did it", () => {
  expect(verdicts("leaves")).toEqual(["passed"]);
  expect(run.events.filter(({ type }) => type === "lane.leftovers")).toContainEqual(
    expect.objectContaining({ case: "leaves", resources: ["TCPServerWrap", "Timeout"] }),
  );
  expect(run.stdout).toMatch(/^left {5}leaves: TCPServerWrap, Timeout$/m);
  expect(run.cases.get("leaves")?.output).toContain("left behind: TCPServerWrap, Timeout");
});

test("names that look alike share no file", () => {
  expect(["+5", "-5", "5"].map((label) => attached(`temp ${label}`, "log.txt"))).toEqual(["+5", "-5", "5"]);
});

test("long texts make no long report, and are kept whole", () => {
  expect(run.cases.get("huge")).toMatchObject({ verdict: "broken", type: "SCENARIO_THREW" });
  for (const file of ["junit.xml", "events.jsonl"]) expect(statSync(join(run.out, file)).size).toBeLessThan(MB);
  // A case's texts have a limit, too: the first of them are there.
  expect(statSync(join(run.out, folderOf("huge"), "whole-texts.txt")).size).toBeGreaterThan(15 * MB);
});

test("an error is told with its file, line and message on the console, in the events and in the report", () => {
  const place = /k_throws\.ts:5:\d+/;
  expect(run.cases.get("throws")).toMatchObject({ verdict: "broken", type: "SCENARIO_THREW" });
  expect(run.cases.get("throws")?.text).toMatch(/Error: x/);
  expect(run.cases.get("throws")?.text).toMatch(place);
  const ended = run.events.find((event) => event["type"] === "case.ended" && event["case"] === "throws");
  expect(ended).toMatchObject({
    fault: { code: "SCENARIO_THREW", message: "Error: x", at: expect.stringMatching(place) },
  });
  expect(run.stdout).toMatch(/throws.*\n +SCENARIO_THREW: Error: x\n.*k_throws\.ts:5:\d+/);
});

test("all errors of an AggregateError are told, and what was expected and received", () => {
  for (const told of [run.cases.get("both")?.text, run.stdout]) {
    expect(told).toContain("TypeError: the first");
    expect(told).toContain("RangeError: the second");
  }
  expect(run.stdout).toMatch(/-\s+"volts": 5,\n.*\+\s+"volts": 3,/);
});

test("a file that hangs, throws, exits or does not parse is one broken case, and the others run", () => {
  for (const name of ["n_tla", "o_load_throws", "p_load_exits", "q_no_code"])
    expect([name, load(name)?.verdict, load(name)?.type]).toEqual([name, "broken", "SCENARIO_INVALID"]);
  expect(load("o_load_throws")?.text).toContain("while it was loaded");
  expect(load("n_tla")?.text).toContain("still not loaded after 3000 ms");
});

test("a need that no rig has skips the case, with the reason", () => {
  expect(run.cases.get("needs")).toMatchObject({
    verdict: "skipped",
    text: expect.stringContaining("sim is not labelled an-analyzer"),
  });
});

test("a lane that is killed is told as that", () => {
  expect(run.cases.get("kills")).toMatchObject({
    verdict: "broken",
    type: "LANE_LOST",
    text: expect.stringContaining("SIGKILL"),
  });
});

test("a process that a case spoiled is not the next case's", () => {
  const after = ["JSON", "orders", "timers", "prototype"].map((label) => `spoils after ${label}`);
  expect(verdicts(...after)).toEqual(Array(4).fill("passed"));
});

test("process.exit of what an earlier case left behind is that case's: the one that it ended runs again", () => {
  expect(verdicts("late exit makes", "late exit is ended by it")).toEqual(["broken", "passed"]);
  expect(run.cases.get("late exit makes")?.type).toBe("SCENARIO_EXITED");
});

test("a child that got away and holds the lane's pipes keeps nobody", () => {
  expect(verdicts("detached")).toEqual(["passed"]);
  expect(processesOf(folder)).toEqual([Number(attached("detached", "pid.txt"))]);
});

test("another current folder: all is in the run's folder; what is printed goes with its case, and --json is one document", async () => {
  using place = scratch();
  mkdirSync(place.file("elsewhere"));
  const text = own("moves", `process.chdir("elsewhere"); console.log("a line of mine"); attach("log.txt", "kept");`);
  writeFileSync(place.file("moves.ts"), text);
  const args = ["run", "--scenarios", "moves.ts", "--out", "mine", "--json"];
  const { code, stdout } = await st67hil(args, { cwd: place.path });
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, folder: "mine", counts: { passed: 1 } });
  expect(readdirSync(place.file("elsewhere"))).toEqual([]);
  expect(readdirSync(place.file("mine/cases/moves")).sort()).toEqual(["log.txt", "output.txt", "trace.jsonl"]);
  expect(readRun(place.file("mine")).cases.get("moves")?.output).toContain("| a line of mine");
});

test("a label that looks like a repetition is refused with both names", async () => {
  using place = scratch();
  const { code, stderr } = await runScenarios(place, { one: own("own", "", labels("x", "x #2")) }, ["--repeat", "2"]);
  expect({ code, out: existsSync(place.file("run")) }).toEqual({ code: 2, out: false });
  expect(stderr).toMatch(/SCENARIO_INVALID.*"own x #2"/);
});
