import { expect, test } from "@jest/globals";
import { type Stage, stopwatch } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";

test("a stage tells its begin, and its time without the noise of binary fractions", async () => {
  const { deadline } = simBench();
  const told: (string | Stage)[] = [];
  const timed = stopwatch(deadline, { begin: (stage) => told.push(stage), stage: (stage) => told.push(stage) });
  for (let turn = 0; turn < 3; turn++) await timed("wait", () => deadline.sleep(0.1));
  const ended = { stage: "wait", ms: 0.1 };
  expect(told).toEqual(["wait", ended, "wait", ended, "wait", ended]);
});
