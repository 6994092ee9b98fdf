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

  const noise = (index: number, ms: number) => ms * (1 + 0.02 * Math.sin(3 * index));
  /** So many rounds of a night in which writing takes so many times as long, and noise of 2 % everywhere. */
  const rounds = (count: number, factor: number, phase: number): Planted[] =>
    Array.from({ length: count }, (_, round) => night().map((planted) => ({ ...planted, round })))
      .flat()
      .map(({ name, stages = {}, round, ...planted }, index) => ({
        ...planted,
        name: round === 0 ? name : `${name} #${round + 1}`,
        stages: Object.fromEntries(
          Object.entries(stages).map(([stage, ms]) => [
            stage,
            noise(index + phase, stage === "write" ? factor * ms : ms),
          ]),
        ),
      }));

  test.each<[string, number, number, string | undefined, 0 | 1, RegExp]>([
    [
      "slower by 15 %",
      3,
      1.15,
      "slower",
      1,
      /^slower {9}write: \+1[45]\.\d % \(27 times before, 27 now, 95 % interval \+1/,
    ],
    ["slower by 4 %", 3, 1.04, "changed, small", 0, /^changed, small write: \+[34]\.\d % /],
    ["faster by 15 %", 3, 0.85, "faster", 0, /^faster {9}write: -1[45]\.\d % /],
    ["as it was", 3, 1, undefined, 0, /^no change$/],
    ["slower by 15 %, once each", 1, 1.15, "slower", 0, / \(9 times before, 9 now, too few to prove it: all within \+/],
  ])("a stage that is %s, and noise of 2 %% everywhere", async (_, count, factor, change, exitCode, line) => {
    const compared = compareRuns(await runOf(rounds(count, 1, 0)), await runOf(rounds(count, factor, 1)));
    expect(told(compared)).toEqual({ changes: [], timing: change === undefined ? [] : [[change, "write"]], exitCode });
    const [, found = "", ...sum] = comparisonText(compared);
    expect(found).toMatch(line);
    expect(sum).toEqual(change === undefined ? [] : [`1 stage ${change}`]);
    const write = compared.timing.find(({ stage }) => stage === "write");
    expect(write).toMatchObject({ before: { n: 9 * count }, interval: count === 1 ? "range" : "95 %" });
    expect(write?.ratio).toBeCloseTo(factor, 1);
  });

  test("a simulated module is not held against a real one by its times", async () => {
    const [before, now] = [await runOf(rounds(3, 1, 0)), await runOf(rounds(3, 1.15, 1))];
    expect(compareRuns(before, { ...now, simulated: true })).toMatchObject({ timing: [], exitCode: 2 });
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
