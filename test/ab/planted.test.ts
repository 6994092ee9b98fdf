import { expect, test } from "@jest/globals";
import { changedStages, PLANTED_STAGE, plantedAb } from "../support/planted.js";
import { scratch } from "../support/scratch.js";

const CYCLES = 30;

/** `npm run campaigns` does it with 200 seeds. */
test.each([1, 2])("10 %% more in one stage are found there alone (seed %i)", async (seed) => {
  using folder = scratch();
  const result = await plantedAb(seed, 0.1, CYCLES, folder.path);
  expect(result.decision).toBe("regressed");
  expect(changedStages(result)).toEqual([PLANTED_STAGE]);
});

test.each([1, 2])("where nothing is planted nothing is found (seed %i)", async (seed) => {
  using folder = scratch();
  expect(await plantedAb(seed, 0, CYCLES, folder.path)).toMatchObject({
    decision: "not regressed",
    a: { cycles: CYCLES, failures: 0 },
    b: { cycles: CYCLES, failures: 0 },
  });
});
