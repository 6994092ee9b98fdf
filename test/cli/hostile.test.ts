import { expect, test } from "@jest/globals";
import { randomOf } from "../../harness/base/random.js";
import { hostileScenes, judge } from "../support/hostile.js";
import { runScenarios } from "../support/lane-run.js";
import { scratch } from "../support/scratch.js";

/** Of those that `npm run test:hostile` plays: 12 hostile ones of 11 kinds, about 10 s on two busy cores. */
const [SCENES, SEED] = [20, 1016];

test(`${SCENES} scenarios, good ones among hostile ones: each good one has its own verdict, and nothing is lost`, async () => {
  using folder = scratch();
  const scenes = hostileScenes(SCENES, randomOf(SEED, "hostile"));
  const files = Object.fromEntries(Object.entries(scenes).map(([name, { text }]) => [name, text]));
  const run = await runScenarios(folder, files);
  expect(judge(scenes, run, folder)).toEqual([]);
});
