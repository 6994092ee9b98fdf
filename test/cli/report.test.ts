import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Fact } from "../../harness/base/events.js";
import { eventsOf, STARTED } from "../reports/support.js";
import { inProcess } from "../support/in-process.js";
import { type Scratch, scratch } from "../support/scratch.js";

const at = (name: string) => ({ case: name, scenario: "s", rig: "sim" });
const passed = (name: string): Fact[] => [
  { type: "case.started", ...at(name), properties: {} },
  { type: "attachment", case: name, name: "log", file: `cases/${name}/log` },
  { type: "case.ended", ...at(name), verdict: "passed" },
];

/** The folder of a run that passed these. */
function run(folder: Scratch, name: string, cases: readonly string[], shard?: { index: number; of: number }): string {
  const started: Fact = { ...STARTED, cases: cases.length, ...(shard && { shard }) };
  const facts: Fact[] = [started, ...cases.flatMap(passed), { type: "run.ended", interrupted: false }];
  for (const each of cases) mkdirSync(folder.file(`${name}/cases/${each}`), { recursive: true });
  for (const each of cases) writeFileSync(folder.file(`${name}/cases/${each}/log`), each);
  const lines = eventsOf(facts).map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(folder.file(`${name}/events.jsonl`), lines.join(""));
  return name;
}

test("report merge makes a run of its own of two shards, as report tells it", async () => {
  using folder = scratch();
  const [one, two] = [
    run(folder, "one", ["a", "b"], { index: 1, of: 2 }),
    run(folder, "two", ["c"], { index: 2, of: 2 }),
  ];
  const cwd = folder.path;
  const merged = await inProcess(["report", "merge", "--out", "merge", two, one, "--json"], { cwd });
  expect(merged).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(merged.stdout).cases.map((each: { case: string }) => each.case)).toEqual(["a", "b", "c"]);
  expect(readdirSync(folder.file("merge"))).toEqual(expect.arrayContaining(["cases", "events.jsonl", "junit.xml"]));
  expect(readFileSync(folder.file("merge/cases/b/log"), "utf8")).toBe("b");
  const junit = readFileSync(folder.file("merge/junit.xml"), "utf8");
  expect(junit).toContain('<testsuites tests="3" failures="0" errors="0"');
  expect(junit).toContain("[[ATTACHMENT|merge/cases/c/log]]");

  const again = await inProcess(["report", "./merge", "--json"], { cwd });
  expect(JSON.parse(again.stdout)).toEqual({ ...JSON.parse(merged.stdout), folder: "./merge" });
  expect(readFileSync(folder.file("merge/junit.xml"), "utf8")).toBe(junit);
  const resumed = await inProcess(["run", "--resume", "merge"], { cwd });
  expect(resumed).toMatchObject({ code: 2, stderr: expect.stringContaining("merge: it was merged from 2 runs") });
});

test.each([
  [["one", "two"], "one: there is a run in it already"],
  [["in/one/new", "in/one"], "lies in the folder of the run"],
  [["new", "one", "one"], 'the case "a" of rig sim is in one and in one'],
  [["new", "none"], "none/events.jsonl: expected the events of a run"],
])("report merge --out %j is refused, and nothing is written", async (args, message) => {
  using folder = scratch();
  for (const name of ["one", "two", "in/one"]) run(folder, name, ["a"]);
  const before = readdirSync(folder.path, { recursive: true }).sort();
  const { code, stderr } = await inProcess(["report", "merge", "--out", ...args], { cwd: folder.path });
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(readdirSync(folder.path, { recursive: true }).sort()).toEqual(before);
});

test("a shard that is missing is told, and the merged run is an interrupted one; so are attachments", async () => {
  using folder = scratch();
  const one = run(folder, "one", ["a", "c"], { index: 1, of: 2 });
  rmSync(folder.file("one/cases/c/log"));
  const { code, stdout, stderr } = await inProcess(["report", "merge", "--out", "out", one], { cwd: folder.path });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^out: 2 cases of 1 run, interrupted; events\.jsonl, junit\.xml/);
  expect(stderr.split("\n")).toEqual([
    "shard 2/2 is missing: the merged run counts as interrupted",
    "one: an attachment was not merged: cases/c/log: ENOENT: no such file or directory",
    "",
  ]);
  expect(readFileSync(folder.file("out/junit.xml"), "utf8")).toContain("judged: 2 of 4 cases");
});

test("--attachment-base is put before attachments; what a server could not read is refused", async () => {
  using folder = scratch();
  const one = run(folder, "one", ["a"]);
  const report = (base: string) => inProcess(["report", one, "--attachment-base", base], { cwd: folder.path });
  const junit = () => readFileSync(folder.file("one/junit.xml"), "utf8");
  await expect(report("job/7/")).resolves.toMatchObject({ code: 0 });
  expect(junit()).toContain("[[ATTACHMENT|job/7/cases/a/log]]");
  await expect(report("")).resolves.toMatchObject({ code: 0 });
  expect(junit()).toContain("[[ATTACHMENT|cases/a/log]]");
  for (const base of ["a]]b", "a\nb"])
    await expect(report(base)).resolves.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--attachment-base: expected a path without control characters and ]]"),
    });
});
