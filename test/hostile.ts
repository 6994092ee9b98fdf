import { randomInt } from "node:crypto";
import { randomOf } from "../harness/base/random.js";
import { hostileScenes, judge } from "./support/hostile.js";
import { runScenarios } from "./support/lane-run.js";
import { scratch } from "./support/scratch.js";

/** Those of one run: each lane that is lost loads all of its files anew. */
const SCENES = 20;

/** `npm run test:hostile [scenarios] [seed]`: generated scenarios that do what none should, with good ones among them. */
const [count, first] = [
  asNumber("scenarios", process.argv[2] ?? "200"),
  asNumber("seed", process.argv[3] ?? anySeed()),
];

function asNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name}: expected a whole number, got ${JSON.stringify(text)}`);
}

function anySeed(): string {
  return String(randomInt(1_000_000));
}

for (let seed = first, left = count; left > 0; seed++, left -= SCENES) {
  using folder = scratch();
  const scenes = hostileScenes(Math.min(left, SCENES), randomOf(seed, "hostile"));
  const files = Object.fromEntries(Object.entries(scenes).map(([name, { text }]) => [name, text]));
  const began = performance.now();
  const wrong = judge(scenes, await runScenarios(folder, files), folder);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`seed ${seed}: ${Object.keys(scenes).length} scenarios in ${seconds} s, ${wrong.length} wrong`);
  for (const each of wrong) console.log(`  ${each}`);
  if (wrong.length > 0) process.exitCode = 1;
}
