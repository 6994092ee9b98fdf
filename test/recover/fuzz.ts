import fc from "fast-check";
import { play, SCENE } from "./faults.js";

/**
 * Plays many scenes of a flash with faults, and tells those that end wrong. What fails is kept in `kept-scenes.ts`.
 *
 * @returns how many.
 */
export async function playScenes(scenes: number, seed: number): Promise<number> {
  const start = performance.now();
  let bad = 0;
  for (const [index, scene] of fc.sample(SCENE, { numRuns: scenes, seed }).entries()) {
    const wrong = await play(scene);
    if (wrong !== undefined) {
      bad++;
      console.log(`scene ${index} of seed ${seed}: ${wrong}\n  ${JSON.stringify(scene)}`);
    }
    if ((index + 1) % 1000 === 0)
      console.log(`${index + 1} played, ${bad} bad, ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  console.log(`${scenes} scenes of seed ${seed}: ${bad} bad`);
  return bad;
}
