import { randomOf } from "../../harness/base/random.js";
import { clock, Farm } from "./farm.js";
import { judge, summary } from "./judge.js";
import type { Scene } from "./stage.js";

export interface Played {
  readonly scene: string;
  readonly seed: number;
  readonly notes: readonly string[];
  readonly seconds: number;
  /** What is not as it should be; nothing: all is. */
  readonly wrong: readonly string[];
}

/** Plays one scene with these seeds on one farm, which is made anew where something went wrong. */
export async function* play(
  scene: string,
  { farm: options, play }: Scene,
  seeds: readonly number[],
): AsyncIterable<Played> {
  for (let at = 0; at < seeds.length && !interrupted.signal.aborted; ) {
    await using farm = await Farm.start(options);
    const dispose = () => farm[Symbol.asyncDispose]();
    farms.add(dispose);
    try {
      for (let isGood = true; isGood && at < seeds.length && !interrupted.signal.aborted; at++) {
        const seed = seeds[at] ?? 0;
        const began = clock.now();
        const notes: string[] = [];
        const run = `r${seed}`;
        const random = randomOf(seed, scene);
        const stage = { farm, run, random, note: (text: string) => void notes.push(text) };
        const wrong: string[] = [];
        try {
          const expected = await play(stage);
          wrong.push(...judge(farm, expected), ...(await farm.orphans()));
          notes.push(summary(farm, expected.run));
        } catch (error) {
          wrong.push(error instanceof Error ? error.message : String(error));
        }
        isGood = wrong.length === 0;
        // Agents are kept for the next seed; at the last one nothing may outlive them.
        if (!isGood || at === seeds.length - 1) {
          const left = await farm.stop();
          wrong.push(...left);
        }
        if (wrong.length > 0) wrong.push(`agents said: ${farm.said()}`);
        yield { scene, seed, notes, seconds: (clock.now() - began) / 1000, wrong };
      }
    } finally {
      farms.delete(dispose);
    }
  }
}

/** Nothing is played any more. */
export const interrupted = new AbortController();
/** Those that are open: for who is interrupted. */
export const farms = new Set<() => Promise<void>>();
