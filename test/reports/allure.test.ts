import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import { writeAllure } from "../../reports/allure.js";
import { propertiesFile } from "../../reports/properties-file.js";
import { troublesOf } from "../../reports/run-troubles.js";
import { Story, storyOf } from "../../reports/story.js";
import { scratch } from "../support/scratch.js";
import { anyEvents, EVERY_VERDICT, eventsOf, fault, STARTED } from "./support.js";

/** What Allure 2 takes as the name of a file. */
const SOURCE = /^[a-zA-Z0-9._-]{1,100}$/;
const AT = { case: "a", scenario: "s", rig: "sim" };
const STARTED_A: Fact = { type: "case.started", ...AT, properties: { "fw.version": "2.0.106" } };
const PASSED_A: Fact = { type: "case.ended", ...AT, verdict: "passed" };
const ENDED: Fact = { type: "run.ended", interrupted: false };
const attached = (file: string): Fact => ({ type: "attachment", case: "a", name: file, file });

interface Result {
  readonly uuid: string;
  readonly historyId: string;
  readonly name: string;
  readonly status: string;
  readonly start: number;
  readonly stop: number;
  readonly statusDetails: { readonly message?: string; readonly trace?: string; readonly flaky: boolean };
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly attachments?: readonly { readonly name: string; readonly source: string; readonly type: string }[];
  readonly steps?: readonly {
    readonly name: string;
    readonly status: string;
    readonly steps?: readonly { name: string }[];
  }[];
}

const resultsIn = (run: string): Result[] => {
  const folder = join(run, "allure-results");
  const files = readdirSync(folder).filter((name) => name.endsWith("-result.json"));
  const results = files.map((name) => ({
    name,
    result: JSON.parse(readFileSync(join(folder, name), "utf8")) as Result,
  }));
  for (const { name, result } of results) expect(name).toBe(`${result.uuid}-result.json`);
  return results.map(({ result }) => result).sort((a, b) => a.start - b.start || a.name.localeCompare(b.name));
};

function put(run: string, file: string, text: string): void {
  mkdirSync(dirname(join(run, file)), { recursive: true });
  writeFileSync(join(run, file), text);
}

const allOf = (folder: string): string[][] =>
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);

test("a run with every verdict, in Allure's own words", () => {
  using folder = scratch();
  put(folder.path, "cases/1/trace.jsonl", "{}\n");
  writeAllure(folder.path, storyOf(EVERY_VERDICT));
  const results = resultsIn(folder.path);
  expect(results.map(({ name, status, labels }) => [labels[0]?.value, name, status])).toEqual([
    ["hil.cross-flash", "cross-flash t01@2.0.97 -> t02@2.0.106", "passed"],
    ["hil.cross-flash", "verify", "failed"],
    ["hil.boot", "boots", "broken"],
    ["hil.boot", "boots unlocked", "skipped"],
    ["hil.boot", "boots twice", "broken"],
    ["hil.boot", "boots in the end", "broken"],
    ["hil.boot", "boots in the end", "passed"],
    ["hil.cross-flash", "verifies never", "failed"],
    ["hil.cross-flash", "verifies never", "failed"],
    ["hil.boot", "boots thrice", "broken"],
    ["hil.run", "interrupted", "broken"],
    ["hil.run", "rig sim retired", "broken"],
  ]);
  const [first, second] = results;
  expect(first?.labels).toContainEqual({ name: "host", value: "sim" });
  expect(first?.stop).toBe(Date.parse("2025-11-22T02:00:04.000Z"));
  expect(first?.steps?.map(({ name, steps }) => [name, steps?.map((each) => each.name)])).toEqual([
    ["flash", undefined],
    ["stages", ["erase: 12.3 ms, 4096 bytes"]],
    ["measurements", ["boot: 640 ms"]],
    ["notes", ["served at the boot baud"]],
  ]);
  expect(second?.statusDetails.trace).toContain("code: VERIFY_MISMATCH (blame: module)");
  const [attachment] = first?.attachments ?? [];
  expect(attachment).toMatchObject({
    name: "trace",
    source: expect.stringMatching(SOURCE),
    type: "application/x-ndjson",
  });
  const file = statSync(folder.file(`allure-results/${attachment?.source}`));
  expect(file.ino).toBe(statSync(folder.file("cases/1/trace.jsonl")).ino);
  expect(readFileSync(folder.file("allure-results/environment.properties"), "utf8")).toBe(
    "run=run-1\nharness=0.1.0\nseed=7\nrig\\ sim=hardware\n",
  );
});

test("rendered again it is the same; what was there of ours is gone, and what others put there stays", () => {
  using folder = scratch();
  const results = folder.file("allure-results");
  writeAllure(folder.path, storyOf(EVERY_VERDICT));
  const before = allOf(results);
  writeAllure(folder.path, storyOf(EVERY_VERDICT));
  expect(allOf(results)).toEqual(before);
  const theirs = [
    "history/history.json",
    "categories.json",
    "executor.json",
    "0b87dba8-cb89-4bbe-bb18-43ced6fbefa7-result.json",
  ];
  for (const file of theirs) put(results, file, "{}");
  writeAllure(folder.path, storyOf(eventsOf([STARTED, STARTED_A, PASSED_A, ENDED])));
  for (const file of theirs) expect(readFileSync(join(results, file), "utf8")).toBe("{}");
  expect(readdirSync(results)).toHaveLength(theirs.length + 2);
  expect(readdirSync(folder.path)).toEqual(["allure-results"]);
});

test("a case has the same history in another run, and attempts of it are retries", () => {
  const retried: Fact = { type: "case.retried", case: "a", rig: "other", verdict: "failed", fault: fault("x") };
  const [one, two] = ["run-1", "run-2"].map((runId) => {
    using folder = scratch();
    writeAllure(
      folder.path,
      storyOf(eventsOf([{ ...STARTED, runId }, STARTED_A, retried, STARTED_A, PASSED_A, ENDED])),
    );
    return resultsIn(folder.path);
  });
  expect(one?.map(({ status, statusDetails }) => [status, statusDetails.flaky])).toEqual([
    ["failed", false],
    ["passed", true],
  ]);
  expect(new Set([...(one ?? []), ...(two ?? [])].map(({ historyId }) => historyId)).size).toBe(1);
  expect(new Set([...(one ?? []), ...(two ?? [])].map(({ uuid }) => uuid)).size).toBe(4);
});

test("an attachment that is missing, behind a link, or not in the run's folder is told and not reached", () => {
  using folder = scratch();
  using elsewhere = scratch();
  put(elsewhere.path, "secret.txt", "secret");
  put(folder.path, "cases/a/log.txt", "log");
  symlinkSync(elsewhere.file("secret.txt"), folder.file("cases/a/link.txt"));
  symlinkSync(elsewhere.path, folder.file("cases/b"));
  const files = [
    "cases/a/log.txt",
    "cases/a/link.txt",
    "cases/b/secret.txt",
    "../secret.txt",
    "cases/a",
    "cases/a/none.txt",
  ];
  writeAllure(folder.path, storyOf(eventsOf([STARTED, STARTED_A, ...files.map(attached), PASSED_A, ENDED])));
  const [result] = resultsIn(folder.path);
  expect(result?.attachments?.map(({ name }) => name)).toEqual(["cases/a/log.txt"]);
  expect(
    result?.steps?.find(({ name }) => name === "attachments that are not here")?.steps?.map(({ name }) => name),
  ).toEqual([
    "cases/a/link.txt (cases/a/link.txt): it is no file",
    "cases/b/secret.txt (cases/b/secret.txt): it is behind a link",
    "../secret.txt (../secret.txt): it is not in the run's folder",
    "cases/a (cases/a): it is no file",
    "cases/a/none.txt (cases/a/none.txt): ENOENT",
  ]);
  expect(JSON.stringify(allOf(folder.file("allure-results")))).not.toContain('"secret"');
});

test("a link in the place of the folder is refused, and nothing is written behind it", () => {
  using folder = scratch();
  using elsewhere = scratch();
  symlinkSync(elsewhere.path, folder.file("allure-results"));
  expect(() => writeAllure(folder.path, storyOf(EVERY_VERDICT))).toThrow(
    expect.objectContaining({ code: "FILE_UNWRITABLE", message: expect.stringContaining("found a link") }),
  );
  expect(readdirSync(elsewhere.path)).toEqual([]);
  expect(lstatSync(folder.file("allure-results")).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder.path)).toEqual(["allure-results"]);
});

test("one that cannot be finished leaves the old one whole, and nothing beside it", () => {
  using folder = scratch();
  writeAllure(folder.path, storyOf(EVERY_VERDICT));
  const before = allOf(folder.file("allure-results"));
  const placed = EVERY_VERDICT.map((event, start) => ({ event, start, end: start + 1 }));
  const broken = new Story(placed, () => {
    throw new Error("the disk is gone");
  });
  expect(() => writeAllure(folder.path, broken)).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
  expect(allOf(folder.file("allure-results"))).toEqual(before);
  expect(readdirSync(folder.path)).toEqual(["allure-results"]);
});

test("any facts give one result a case, an attempt, and a trouble", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      using folder = scratch();
      const story = storyOf(events);
      writeAllure(folder.path, story);
      const results = resultsIn(folder.path);
      const ofCases = [...story.rows()].reduce((sum, { attempts }) => sum + 1 + attempts.length, 0);
      expect(results).toHaveLength(ofCases + troublesOf(story.summary).length);
      expect(existsSync(folder.file("allure-results/environment.properties"))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("properties in what Java reads", () => {
  expect(propertiesFile({ "a b": "c:\\d=e", "#x": " ä\n", "": "\ud83d\ude00" })).toBe(
    "a\\ b=c:\\\\d=e\n\\#x=\\ \\u00e4\\n\n=\\ud83d\\ude00\n",
  );
});
