import { spawn } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import { bookRun } from "../../harness/history/book.js";
import { Database } from "../../harness/history/database.js";
import { History } from "../../harness/history/history.js";
import { storyOf } from "../../reports/story.js";
import { anyEvents, EVERY_VERDICT, fault } from "../reports/support.js";
import { scratch } from "../support/scratch.js";
import { BOOKING, CASES, type Planted, plantRun, storyOfNight } from "./support.js";

async function opened(file: string): Promise<History> {
  const history = await History.in(file);
  if (history === undefined) throw new Error(`${file} is not there`);
  return history;
}

test("a booked run is told again: counts, firmwares, cases with verdict, fault and stages", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  await bookRun(file, storyOfNight(CASES), { ...BOOKING, exitCode: 1 });
  using history = await opened(file);
  expect(history.runs()).toEqual([
    {
      runId: "run-1",
      wallTime: "2025-11-22T02:00:00.000Z",
      folder: "out/run-1",
      exitCode: 1,
      interrupted: false,
      simulated: false,
      counts: { passed: 1, failed: 1, broken: 0, skipped: 0, aborted: 0 },
      flaky: 0,
      firmwares: ["t01@2.0.106"],
    },
  ]);
  expect(history.run("run-1")?.cases).toEqual([
    {
      name: "a t01@2.0.106",
      scenario: "flash-and-boot",
      rig: "sim",
      verdict: "passed",
      firmware: { profile: "t01", version: "2.0.106", sha256: "aa" },
      stages: new Map([
        ["erase", 10],
        ["write", 20],
      ]),
    },
    {
      ...{ name: "b", scenario: "flash-and-boot", rig: "sim", verdict: "failed" },
      ...{ code: "VERIFY_MISMATCH", blame: "module", message: "b is wrong", stages: new Map() },
    },
  ]);
});

test("a run that is booked again replaces what was booked: nothing is counted twice", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const wear: Planted = {
    name: "erases",
    facts: [{ type: "wear", case: "erases", chip: "40827b037742", first: 3, sectors: 2 }],
  };
  for (const cases of [[...CASES, wear], [wear]]) await bookRun(file, storyOfNight(cases), BOOKING);
  using history = await opened(file);
  expect(history.runs()).toMatchObject([{ counts: { passed: 1, failed: 0 } }]);
  expect(history.stageNames()).toEqual([]);
  expect(history.wear()).toEqual([{ chip: "40827b037742", erases: 1, sector: 3 }]);
});

test("any journal can be booked: every verdict, a kill, texts that no terminal likes", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  await bookRun(file, storyOf(EVERY_VERDICT), { ...BOOKING, exitCode: 1 });
  using history = await opened(file);
  expect(history.runs()).toMatchObject([{ interrupted: true, counts: { passed: 2, failed: 2, aborted: 2 } }]);
  expect(history.retired()).toMatchObject([{ rig: "sim", code: "RIG_NOT_SAFE", runId: "run-1" }]);
});

test("whatever a run may tell can be booked, and is counted as its summary counts it", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  await fc.assert(
    fc.asyncProperty(anyEvents, async (events) => {
      const story = storyOf(events);
      await bookRun(file, story, BOOKING);
      using history = await opened(file);
      expect(history.runs()).toMatchObject([{ counts: story.summary.counts, flaky: story.summary.flaky }]);
      expect(history.run("run-1")?.cases.map(({ verdict }) => verdict)).toEqual(
        story.summary.cases.map(({ verdict }) => verdict),
      );
    }),
  );
});

test("the erases of simulated modules are not booked, those of others in the same run are", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const erasing = (rig: string, chip: string): Planted => ({
    name: `on ${rig}`,
    rig,
    facts: [
      { type: "wear", case: `on ${rig}`, chip, first: 0, sectors: 4 },
      { type: "wear", case: `on ${rig}`, chip, first: 2, sectors: 1 },
      { type: "wear", case: `on ${rig}`, chip, first: 0 },
    ],
  });
  const cases = [erasing("sim", "40827b037742"), erasing("pi", "40827b000001")];
  for (const runId of ["one", "two"])
    await bookRun(file, storyOfNight(cases, { runId, rigs: ["sim", "pi"], simulated: ["sim"] }), BOOKING);
  using history = await opened(file);
  expect(history.wear()).toEqual([{ chip: "40827b000001", erases: 6, sector: 2 }]);
});

/** In a process of its own, with the built program. */
const BOOK = `
const [, file, folder, exitCode] = process.argv;
const { bookRun } = await import("${pathToFileURL(resolve("dist/harness/history/book.js"))}");
const { storyIn } = await import("${pathToFileURL(resolve("dist/reports/story.js"))}");
await bookRun(file, storyIn(folder + "/events.jsonl"), { folder, exitCode: Number(exitCode) });`;

test("runs that end at the same time in processes of their own are all booked, in a file that none of them has found", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const names = ["one", "two", "three"];
  const cases = Array.from({ length: 200 }, (_, index) => ({ name: `case ${index}`, stages: { erase: index } }));
  const codes = await Promise.all(
    names.map((name) => {
      const args = ["--input-type=module", "-e", BOOK, file, plantRun(folder.path, name, cases), "0"];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
      return new Promise((done) => child.on("close", done));
    }),
  );
  expect(codes).toEqual([0, 0, 0]);
  using history = await opened(file);
  expect(history.runs().map(({ runId, counts }) => [runId, counts.passed])).toEqual(
    expect.arrayContaining(names.map((name) => [name, 200])),
  );
});

test("a link of ours is followed, and stays", async () => {
  using folder = scratch();
  mkdirSync(folder.file("elsewhere"));
  symlinkSync("elsewhere/h.sqlite", folder.file("history.sqlite"));
  await bookRun(folder.file("history.sqlite"), storyOfNight(CASES), BOOKING);
  expect(existsSync(folder.file("elsewhere/h.sqlite"))).toBe(true);
  using history = await opened(folder.file("history.sqlite"));
  expect(history.size).toBe(1);
});

test("a run of which something cannot be written is not booked at all", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const story = storyOfNight(CASES);
  const torn = Object.assign(Object.create(story), {
    summary: story.summary,
    *rows() {
      yield* [...story.rows()].slice(0, 1);
      throw new Error("the disk is gone");
    },
  });
  await expect(bookRun(file, torn, BOOKING)).rejects.toThrow("the disk is gone");
  using history = await opened(file);
  expect(history.size).toBe(0);
});

test("a retired rig stays so for all runs until it is readmitted, and what is booked again changes nothing of that", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const retired = {
    type: "rig.retired",
    rig: "pi",
    fault: { ...fault("BOOT is stuck"), code: "RIG_NOT_SAFE" },
  } as const;
  const bad = storyOfNight(CASES, { rigs: ["pi"], facts: [retired] });
  await bookRun(file, bad, BOOKING);
  await bookRun(file, storyOfNight(CASES, { runId: "run-2", rigs: ["pi"] }), BOOKING);
  using history = await opened(file);
  expect(history.retired()).toMatchObject([{ rig: "pi", message: "BOOT is stuck", runId: "run-1" }]);
  history.readmit("other", "2025-11-23T00:00:00.000Z", "t02@2.0.106");
  expect(history.retired()).toHaveLength(1);
  history.readmit("pi", "2025-11-23T00:00:00.000Z", "t02@2.0.106");
  expect(history.retired()).toEqual([]);
  await bookRun(file, bad, BOOKING);
  expect(history.retired()).toEqual([]);
  await bookRun(file, storyOfNight(CASES, { runId: "run-3", rigs: ["pi"], facts: [retired] }), BOOKING);
  expect(history.retired()).toMatchObject([{ runId: "run-3" }]);
});

test("a run that is gone on with, and retires its rig once more, undoes what took it back", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const retired = (rig: string): Fact => ({ type: "rig.retired", rig, fault: fault("BOOT is stuck") });
  const rigs = ["pi", "other"];
  const book = (...facts: Fact[]) => bookRun(file, storyOfNight(CASES, { rigs, facts }), BOOKING);
  await book(retired("pi"), retired("other"));
  using history = await opened(file);
  for (const rig of rigs) history.readmit(rig, "2025-11-23T00:00:00.000Z", "t02@2.0.106");
  const again: Fact[] = [retired("pi"), retired("other"), retired("pi")];
  await book(...again);
  expect(history.retired().map(({ rig }) => rig)).toEqual(["pi"]);
  history.readmit("pi", "2025-11-24T00:00:00.000Z", "t02@2.0.106");
  await book(...again);
  expect(history.retired()).toEqual([]);
});

test("a merged run is remembered with its cases; what its parts did to modules and rigs counts once", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const wear: Fact = { type: "wear", case: "b", chip: "40827b037742", first: 3, sectors: 2 };
  const retired: Fact = { type: "rig.retired", rig: "pi", fault: fault("BOOT is stuck") };
  const night = { rigs: ["pi"], facts: [retired] };
  const cases: Planted[] = [{ name: "b", rig: "pi", facts: [wear] }];
  await bookRun(file, storyOfNight(cases, night), BOOKING);
  using history = await opened(file);
  history.readmit("pi", "2025-11-23T00:00:00.000Z", "t02@2.0.106");
  await bookRun(file, storyOfNight(cases, { ...night, runId: "all", merged: 2 }), BOOKING);
  expect(history.runs()).toMatchObject([{ counts: { passed: 1 } }, { counts: { passed: 1 } }]);
  expect(history.wear()).toEqual([{ chip: "40827b037742", erases: 1, sector: 3 }]);
  expect(history.retired()).toEqual([]);
});

test("a history that somebody keeps locked is not waited for without an end", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  using holder = await Database.open(file);
  using other = await Database.open(file, 1);
  holder.transact(() => {
    expect(() => other.transact(() => undefined)).toThrow(/another process keeps it locked/);
  });
  other.transact(() => undefined);
});

test("one that was closed says so when it is used, and may be closed again", async () => {
  using folder = scratch();
  const database = await Database.open(folder.file("history.sqlite"));
  for (let turn = 0; turn < 2; turn++) database[Symbol.dispose]();
  for (const use of [() => database.all("SELECT 1"), () => database.transact(() => undefined)])
    expect(use).toThrow(/history.sqlite: it was closed already/);
});
