import { constants } from "node:os";
import { NO_REDIS } from "../support/redis.js";
import { farms, interrupted, play } from "./play.js";
import { SCENES } from "./scenes.js";

const SEEDS = 20;
const AT_ONCE = 3;

const words = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = words.indexOf(`--${name}`);
  return at === -1 ? undefined : words[at + 1];
};

/**
 * `npm run test:farm [-- --scene NAME --seed N --seeds COUNT --at-once SCENES]`: each fault alone, at seeded moments of a run on
 * three rigs. Most of a scene's time is waiting, so several are played at once, each on a farm of its own.
 */
async function main(): Promise<number> {
  if (NO_REDIS !== undefined) throw new Error(`test:farm ${NO_REDIS}`);
  const [scene, seed, seeds] = [option("scene"), option("seed"), Number(option("seeds") ?? SEEDS)];
  const atOnce = Number(option("at-once") ?? AT_ONCE);
  const wanted = Object.entries(SCENES).filter(([name]) => scene === undefined || name === scene);
  if (wanted.length === 0) throw new Error(`--scene: expected one of ${Object.keys(SCENES).join(", ")}`);
  const numbers = seed === undefined ? Array.from({ length: seeds }, (_, index) => index + 1) : [Number(seed)];
  let [played, bad] = [0, 0];
  const waiting = wanted.values();
  const playing = async () => {
    for (const [name, each] of waiting)
      for await (const { seed, notes, seconds, wrong } of play(name, each, numbers.slice(0, each.most))) {
        played++;
        if (wrong.length > 0) bad++;
        console.log(
          `${wrong.length === 0 ? "good " : "WRONG"} ${name} --seed ${seed}: ${notes.join(", ")}; ${seconds.toFixed(1)} s`,
        );
        for (const text of wrong) console.log(`      ${text.replaceAll("\n", "\n        ")}`);
      }
  };
  await Promise.all(Array.from({ length: atOnce }, playing));
  console.log(`${played} played, ${bad} wrong`);
  return bad === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, async () => {
    // No farm is begun any more, and what is played ends with its farm.
    interrupted.abort();
    await Promise.allSettled([...farms].map((dispose) => dispose()));
  });

const code = await main().catch((error: unknown) => {
  console.error(error);
  return 1;
});
process.exitCode = interrupted.signal.aborted ? 128 + constants.signals.SIGINT : code;
