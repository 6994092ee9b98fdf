import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { History } from "../harness/history/history.js";
import { storyIn } from "../reports/story.js";
import { inProcess } from "./support/in-process.js";
import { eventsIn } from "./support/journal.js";
import { scratch } from "./support/scratch.js";

/**
 * What version 0.1.0 left of a run: four cases, one of them flaky, one failed, one skipped; an expired quarantine; what it
 * printed, attached and measured. Whatever comes later reads it as it stands: these files are never made anew.
 */
const GOLDEN = "test/golden/run-0.1.0";
const NAMES = ["t01@2.0.97", "t01@2.0.106", "t02@2.0.97", "t02@2.0.106"].map((label) => `golden ${label}`);

test("the journal of 0.1.0 is read, and says what it said", () => {
  const story = storyIn(join(GOLDEN, "events.jsonl"));
  const { summary } = story;
  expect(summary).toMatchObject({
    ...{ runId: "golden", harness: "0.1.0", seed: 1, interrupted: false, planned: 4, flaky: 1 },
    counts: { passed: 2, failed: 1, skipped: 1, broken: 0, aborted: 0 },
    rigs: [{ name: "golden", simulated: true }],
    warnings: [expect.stringContaining("has expired on 2020-01-01")],
  });
  expect(summary.cases.map((entry) => [entry.case, entry.verdict, entry.flaky])).toEqual([
    [NAMES[0], "passed", "failed"],
    [NAMES[1], "passed", undefined],
    [NAMES[2], "skipped", undefined],
    [NAMES[3], "failed", undefined],
  ]);
  const [first] = story.rows();
  expect(first).toMatchObject({
    properties: { "fw.version": "2.0.97", "fw.sha256": expect.stringMatching(/^[0-9a-f]{64}$/) },
    attempts: [{ verdict: "failed", fault: { code: "EXPECTATION_FAILED", blame: "module" } }],
    output: "printed\n",
    measurements: [{ name: "boot", unit: "ms", ok: true }],
  });
  const types = new Set(eventsIn(join(GOLDEN, "events.jsonl")).map(({ type }) => type));
  expect([...types].sort()).toEqual([
    ...["attachment", "case.ended", "case.retried", "case.started", "line", "measurement", "note", "output"],
    ...["run.ended", "run.started", "run.warned", "stage", "step.ended", "step.started", "wear"],
  ]);
});

test("every report is rendered of it, and a run is held against it", async () => {
  using folder = scratch();
  cpSync(GOLDEN, folder.file("out/golden"), { recursive: true });
  cpSync(join(GOLDEN, "history.sqlite"), folder.file("out/history.sqlite"));
  const within = { cwd: folder.path };
  expect(await inProcess(["report", "out/golden"], within)).toMatchObject({ code: 0 });
  expect(readFileSync(folder.file("out/golden/junit.xml"), "utf8")).toContain("<flakyFailure");
  expect(await inProcess(["compare", "out/golden", "golden", "--history", "out/history.sqlite"], within)).toMatchObject(
    {
      code: 0,
      stdout: expect.stringContaining("still failing"),
    },
  );
});

test("the history of 0.1.0 is opened, and knows its runs", async () => {
  using folder = scratch();
  cpSync(join(GOLDEN, "history.sqlite"), folder.file("history.sqlite"));
  using history = await History.in(folder.file("history.sqlite"));
  expect(history?.runs()).toMatchObject([
    { runId: "golden", exitCode: 1, simulated: true, flaky: 1, counts: { passed: 2, failed: 1, skipped: 1 } },
  ]);
  expect(history?.run("golden")?.cases.map(({ name }) => name)).toEqual(NAMES);
  expect(history?.firmwares()).toHaveLength(4);
  expect(history?.stageTimes("erase-chip")).toHaveLength(2);
});
