import { expect, test } from "@jest/globals";
import { type Drive, withTold } from "../../harness/run/drives.js";
import { powerCycle, strap } from "../../harness/session/strap.js";
import { simBench } from "../support/bench.js";

test("every drive of a line is told, with how long the level before it was held", async () => {
  const { rig, deadline } = simBench();
  const drives: Drive[] = [];
  const told = withTold(rig, (drive) => drives.push(drive));
  await strap(told, "rom", deadline);
  await strap(told, "rom", deadline);
  expect(drives).toEqual([
    { line: "boot", asserted: true },
    { line: "chipEn", asserted: false },
    { line: "chipEn", asserted: true, heldMs: 100 },
    { line: "boot", asserted: false, heldMs: 200 },
    { line: "boot", asserted: true, heldMs: 0 },
    { line: "chipEn", asserted: false, heldMs: 100 },
    { line: "chipEn", asserted: true, heldMs: 100 },
    { line: "boot", asserted: false, heldMs: 200 },
  ]);
  drives.splice(0);
  await powerCycle(told, deadline);
  expect(drives.filter(({ line }) => line === "power")).toEqual([
    { line: "power", asserted: false },
    { line: "power", asserted: true, heldMs: 500 },
  ]);
});

test("a timer that fires early makes no pulse short", async () => {
  const { rig, deadline, clock } = simBench();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms, signal) => sleep(ms > 1 ? ms * 0.9 : ms, signal);
  const drives: Drive[] = [];
  await strap(
    withTold(rig, (drive) => drives.push(drive)),
    "rom",
    deadline,
  );
  for (const { heldMs } of drives) expect(heldMs ?? 100).toBeGreaterThanOrEqual(100);
});
