import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { globSync } from "tinyglobby";
import { playScenes } from "./recover/fuzz.js";

/** Each plays every property anew, as often as it says itself. */
const ROUNDS = 3;
/** A seed is a whole number of 32 bits. */
const MOST = 2 ** 31 - 1;

/** `npm run fuzz [scenes] [seed]`: all property tests with seeds that no run has had, then scenes of a flash with faults. */
const [scenes, first] = [
  asNumber("scenes", process.argv[2] ?? "10000"),
  asNumber("seed", process.argv[3] ?? String(randomInt(MOST - ROUNDS))),
];

function asNumber(name: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= MOST - ROUNDS) return number;
  console.error(`${name}: expected a whole number up to ${MOST - ROUNDS}; got ${JSON.stringify(text)}`);
  process.exit(2);
}

const files = globSync("test/**/*.test.ts").filter((file) => readFileSync(file, "utf8").includes('from "fast-check"'));

/** @returns whether every property held. The run prints its seed. */
function playProperties(seed: number): boolean {
  const env = { ...process.env, FAST_CHECK_SEED: String(seed) };
  return spawnSync("npm", ["run", "-s", "jest", "--", ...files], { env, stdio: "inherit" }).status === 0;
}

let failed = 0;
for (let round = 0; round < ROUNDS; round++) if (!playProperties(first + round)) failed++;
console.log(`${ROUNDS} rounds of all property tests, seeds ${first} to ${first + ROUNDS - 1}: ${failed} failed`);
const bad = await playScenes(scenes, first);
process.exitCode = failed + bad === 0 ? 0 : 1;
