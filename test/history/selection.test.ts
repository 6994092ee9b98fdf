import { expect, test } from "@jest/globals";
import { bookRun } from "../../harness/history/book.js";
import { History } from "../../harness/history/history.js";
import { selectionOf, selectionsOf } from "../../harness/history/selection.js";
import { scratch } from "../support/scratch.js";
import { type Planted, storyOfNight } from "./support.js";

const named = (...names: string[]): Planted[] => names.map((name) => ({ name }));
const PLAN = "p";

test("the last good run is the newest of the same cases with exit code 0, by its plan or else by its names", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const book = (runId: string, cases: Planted[], night: object, exitCode = 0) =>
    bookRun(file, storyOfNight(cases, { runId, ...night }), { folder: runId, exitCode });
  const at = (hour: number) => ({ wallTime: `2025-11-22T0${hour}:00:00.000Z` });
  await book("other", named("a", "c"), at(9));
  await book("red", named("a", "b"), at(8), 1);
  await book("simulated", named("a", "b"), { ...at(6), plan: PLAN, simulated: ["sim"] });
  await book("shard", named("a"), { ...at(7), plan: PLAN, shard: { index: 1, of: 2 } });
  // Rigs that share cases start them in any order.
  await book("names", named("b", "a"), at(5));
  await book("old", named("a", "b"), { ...at(4), plan: PLAN });
  using history = await History.in(file);
  expect(history?.lastGood(selectionsOf(PLAN, ["a", "b"], undefined), false)?.runId).toBe("names");
  expect(history?.lastGood(selectionsOf(PLAN, ["a"], { index: 1, of: 2 }), false)?.runId).toBe("shard 1/2");
  expect(history?.lastGood(selectionsOf(PLAN, ["a", "b"], undefined), true)?.runId).toBe("simulated");
  expect(history?.lastGood(selectionsOf("q", ["a"], undefined), false)).toBeUndefined();
});

test("the order of a plan counts, and so does the part of it", () => {
  const cases = storyOfNight(named("a")).summary.cases;
  const all = [
    selectionOf({ plan: "p", cases }),
    selectionOf({ plan: "q", cases }),
    selectionOf({ plan: "p", cases, shard: { index: 1, of: 2 } }),
    selectionOf({ plan: "p", cases, shard: { index: 2, of: 2 } }),
    selectionOf({ cases }),
    ...selectionsOf("r", ["a", "b"], undefined),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test("parts of a run have its id, and a night may be called like another one: none takes another's place", async () => {
  using folder = scratch();
  const file = folder.file("history.sqlite");
  const book = (name: string, night: object) =>
    bookRun(file, storyOfNight(named(name), { runId: "night", ...night }), { folder: name, exitCode: 0 });
  const [first, second] = ["2025-11-22T01:00:00.000Z", "2025-11-23T01:00:00.000Z"];
  for (const index of [1, 2]) await book(`part ${index}`, { wallTime: first, shard: { index, of: 2 } });
  for (const wallTime of [first, second, second]) await book("whole", { wallTime });
  using history = await History.in(file);
  expect(history?.runIds().sort()).toEqual(["night", "night 1/2", "night 2/2", `night ${second}`]);
  expect(history?.run("night 2/2")?.cases).toMatchObject([{ name: "part 2" }]);
});
