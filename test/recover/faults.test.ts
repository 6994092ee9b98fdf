import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { play, SCENE } from "./faults.js";
import { KEPT } from "./kept-scenes.js";

test("a flash with faults ends verified, or in an error that is held against nobody wrong; judged by the cells", async () => {
  await fc.assert(
    fc.asyncProperty(SCENE, async (scene) => {
      expect(await play(scene)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test.each(KEPT)("kept: %s", async (_, scene) => {
  expect(await play(scene)).toBeUndefined();
});

test("a cell that cannot be programmed is the module's fault, and no session claims otherwise", async () => {
  const stuck = { at: 4000, value: 0x00 };
  const scene = { plan: "each", contents: "blank", faults: [], mishaps: [], stuck, driven: true, seed: 1 } as const;
  await expect(play(scene)).resolves.toBeUndefined();
});
