import fc from "fast-check";
import { play, SCENE } from "./faults.js";

/** `npm run fuzz -- [runs] [seed]`: many scenes of a flash with faults. What fails is kept in `kept-scenes.ts`. */
const [runs = "10000", seed = String(process.pid)] = process.argv.slice(2);
console.log(`${runs} scenes, seed ${seed}`);
const start = performance.now();
let bad = 0;
for (const [index, scene] of fc.sample(SCENE, { numRuns: Number(runs), seed: Number(seed) }).entries()) {
  const wrong = await play(scene);
  if (wrong !== undefined) {
    bad++;
    console.log(`scene ${index} of seed ${seed}: ${wrong}\n  ${JSON.stringify(scene)}`);
  }
  if ((index + 1) % 1000 === 0)
    console.log(`${index + 1} played, ${bad} bad, ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
console.log(`${runs} scenes of seed ${seed}: ${bad} bad`);
process.exitCode = bad === 0 ? 0 : 1;
