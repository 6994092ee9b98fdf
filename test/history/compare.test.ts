import { describe, expect, test } from "@jest/globals";
import type { Verdict } from "../../harness/base/events.js";
import { comparisonText } from "../../harness/cli/terminal/comparison-text.js";
import { bookRun } from "../../harness/history/book.js";
import { exitCodeOfChanges } from "../../harness/history/changes.js";
import { compareRuns } from "../../harness/history/comparison.js";
import { History } from "../../harness/history/history.js";
import { type JudgedRun, judgedOf } from "../../harness/history/judged.js";
import { scratch } from "../support/scratch.js";
import { type Planted, storyOfNight } from "./support.js";

const FIRMWARES = ["t01@2.0.97", "t01@2.0.104", "t01@2.0.106"];

/** A night as it usually goes: each firmware is flashed, the stages take what they take. */
function night(change: (planted: Planted, index: number) => Planted = (planted) => planted): Planted[] {
  return FIRMWARES.flatMap((firmware, of) =>
    ["flash-and-boot", "reflash", "soak"].map((scenario, index) => ({
      name: `${scenario} ${firmware}`,
      ...{ scenario, firmware, sha256: `sha of ${firmware}`, rig: "pi" },
      stages: { erase: 100 + 7 * of, write: 2000 + 13 * index + 5 * of, verify: 300 + of },
    })),
  ).map(change);
}

async function runOf(cases: readonly Planted[], runId = "run-1"): Promise<JudgedRun> {
  const story = storyOfNight(cases, { runId });
  const { wallTime } = story.summary;
  return { runId, wallTime, simulated: false, interrupted: false, cases: [...story.rows()].map(judgedOf) };
}

const failing = (name: string) => (planted: Planted) =>
  planted.name === name ? { ...planted, verdict: "failed" as const } : planted;

describe("three planted histories: exactly what was planted is named", () => {
  const told = ({ changes, timing, exitCode }: ReturnType<typeof compareRuns>) => ({
    changes: changes.map((each) => [each.change, each.case, each.since ?? null]),
    timing: timing.flatMap(({ stage, change }) => (change === undefined ? [] : [[change, stage]])),
    exitCode,
  });

  test("nothing", async () => {
    expect(told(compareRuns(await runOf(night()), await runOf(night())))).toEqual({
      changes: [],
      timing: [],
      exitCode: 0,
    });
  });

  test("a failure that was not there", async () => {
    const now = await runOf(night(failing("reflash t01@2.0.106")));
    expect(told(compareRuns(await runOf(night()), now))).toEqual({
      changes: [["regressed", "reflash t01@2.0.106", { label: "t01@2.0.106", passed: "2.0.104" }]],
      timing: [],
      exitCode: 1,
    });
  });

  test("a failure that is gone", async () => {
    const before = await runOf(night(failing("soak t01@2.0.97")));
    expect(told(compareRuns(before, await runOf(night())))).toEqual({
      changes: [["fixed", "soak t01@2.0.97", null]],
      timing: [],
      exitCode: 0,
    });
  });

  test("a stage that is 15 % slower in every case, and noise of 2 % everywhere", async () => {
    const noise = (index: number, ms: number) => ms * (1 + 0.02 * Math.sin(3 * index));
    const slower = night(({ stages, ...planted }, index) => ({
      ...planted,
      stages: Object.fromEntries(
        Object.entries(stages ?? {}).map(([name, ms]) => [name, noise(index, name === "write" ? 1.15 * ms : ms)]),
      ),
    }));
    const compared = compareRuns(await runOf(night()), await runOf(slower));
    expect(told(compared)).toEqual({ changes: [], timing: [["slower", "write"]], exitCode: 0 });
    const write = compared.timing.find(({ stage }) => stage === "write");
    expect(write).toMatchObject({ pairs: 9, interval: "95 %" });
    expect(write?.ratio).toBeCloseTo(1.15, 1);
  });

  test("the same from the history as from the journals", async () => {
    using folder = scratch();
    const file = folder.file("history.sqlite");
    const nights = { before: night(failing("soak t01@2.0.97")), now: night(failing("reflash t01@2.0.106")) };
    for (const [runId, cases] of Object.entries(nights))
      await bookRun(file, storyOfNight(cases, { runId }), { folder: runId, exitCode: 1 });
    using history = await History.in(file);
    const [before, now] = [history?.run("before"), history?.run("now")];
    if (before === undefined || now === undefined) throw new Error("not booked");
    expect(compareRuns(before, now)).toEqual(
      compareRuns(await runOf(nights.before, "before"), await runOf(nights.now, "now")),
    );
  });
});

describe("what becomes of a case", () => {
  const only = (verdict: Verdict | "absent") => (verdict === "absent" ? [] : [{ name: "a", verdict }]);

  test.each<[Verdict | "absent", Verdict | "flaky" | "absent", string | undefined]>([
    ["passed", "failed", "regressed"],
    ["absent", "failed", "new"],
    ["skipped", "failed", "new"],
    ["broken", "failed", "new"],
    ["aborted", "failed", "new"],
    ["failed", "failed", "still failing"],
    ["failed", "passed", "fixed"],
    ["broken", "passed", undefined],
    ["absent", "passed", undefined],
    ["failed", "flaky", "flaky"],
    ["passed", "flaky", "flaky"],
    ["passed", "broken", "malfunctioned"],
    ["failed", "aborted", "malfunctioned"],
    ["broken", "broken", undefined],
    ["absent", "broken", undefined],
    ["passed", "absent", "not run"],
    ["broken", "absent", "not run"],
    ["failed", "skipped", "not run"],
    ["skipped", "skipped", undefined],
    ["skipped", "absent", undefined],
  ])("%s before, %s now: %s", async (was, is, change) => {
    const now: Planted[] = is === "flaky" ? [{ name: "a", flaky: true }] : only(is);
    const { changes } = compareRuns(await runOf(only(was)), await runOf(now));
    expect(changes.map((each) => each.change)).toEqual(change === undefined ? [] : [change]);
  });

  test.each<[string, Planted[], Planted[], Partial<JudgedRun>, string[], 0 | 1 | 2]>([
    ["other cases", [{ name: "a" }], [{ name: "b" }], {}, ["no case was judged both times"], 2],
    [
      "broken both times",
      [{ name: "a", verdict: "broken" }],
      [{ name: "a", verdict: "broken" }],
      {},
      ["no case was judged both times"],
      2,
    ],
    [
      "killed before the rest",
      [{ name: "a" }, { name: "b" }],
      [{ name: "a" }],
      { interrupted: true },
      ["it was interrupted: 1 case that had a verdict before did not come to one"],
      2,
    ],
    ["killed after the last case", [{ name: "a" }], [{ name: "a" }], { interrupted: true }, [], 0],
    ["a part of the cases", [{ name: "a" }, { name: "b" }], [{ name: "a" }], {}, [], 0],
    [
      "a bench, then a simulated module",
      [{ name: "a" }],
      [{ name: "a" }],
      { simulated: true },
      ["one was on simulated modules alone, the other was not"],
      2,
    ],
    [
      "a failure all the same",
      [{ name: "a" }],
      [{ name: "b", verdict: "failed" }],
      {},
      ["no case was judged both times"],
      1,
    ],
  ])("%s: what proves nothing is in doubt, and no 0", async (_, before, now, more, doubts, exitCode) => {
    const compared = compareRuns(await runOf(before), { ...(await runOf(now)), ...more });
    expect(compared).toMatchObject({ doubts, exitCode });
    expect(comparisonText(compared).includes("no change")).toBe(
      exitCode === 0 && doubts.length === 0 && before.length === now.length,
    );
  });

  test.each([
    [["regressed", "malfunctioned"], 1],
    [["new", "fixed"], 1],
    [["malfunctioned", "fixed"], 2],
    [["still failing", "flaky", "fixed", "not run"], 0],
    [[], 0],
  ] as const)("%j: the exit code is %i", (changes, code) => {
    expect(exitCodeOfChanges(changes.map((change) => ({ change })))).toBe(code);
  });
});
