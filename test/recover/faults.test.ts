import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { play, SCENE } from "./faults.js";

test("a flash over a line with faults ends verified, or in an error that blames the line; judged by the cells", async () => {
  await fc.assert(
    fc.asyncProperty(SCENE, async (scene) => {
      expect(await play(scene)).toBeUndefined();
    }),
    { numRuns: 300, seed: 67 },
  );
});

test("a cell that cannot be programmed is the module's fault, and no session claims otherwise", async () => {
  const scene = { plan: "each", faults: [], stuck: { at: 4000, value: 0x00 }, driven: true } as const;
  await expect(play(scene)).resolves.toBeUndefined();
});
