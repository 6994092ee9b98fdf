import { CASES, clock, LEASE_MS } from "../farm.js";
import { agentOf, during, type Scene, underWay } from "../stage.js";

/** Lease of a farm where nobody says otherwise, in ms. */
const PRODUCT_LEASE_MS = 90_000;

/** Faults of the server. */
export const SERVER: Readonly<Record<string, Scene>> = {
  "Redis is killed": {
    play: (stage) =>
      during(stage, async () => {
        const { farm, random, note } = stage;
        await farm.redis.kill("SIGKILL");
        const ms = Math.round(random() * 1.5 * LEASE_MS);
        note(`kill -9 of Redis, started again after ${ms} ms`);
        await clock.sleep(ms);
        await farm.redis.restart();
      }),
  },
  "Redis stands still": {
    play: (stage) =>
      during(stage, async () => {
        const { farm, random, note } = stage;
        const ms = Math.round(LEASE_MS * (0.2 + 2 * random()));
        note(`SIGSTOP of Redis for ${ms} ms`);
        await farm.redis.kill("SIGSTOP");
        await clock.sleep(ms);
        await farm.redis.kill("SIGCONT");
      }),
  },
  "a minute without Redis": {
    farm: { leaseMs: PRODUCT_LEASE_MS },
    play: (stage) =>
      during(
        stage,
        async () => {
          const { farm, random, note } = stage;
          const isKilled = random() < 0.5;
          note(`${isKilled ? "kill -9" : "SIGSTOP"} of Redis for a minute`);
          await farm.redis.kill(isKilled ? "SIGKILL" : "SIGSTOP");
          await clock.sleep(60_000);
          await (isKilled ? farm.redis.restart() : farm.redis.kill("SIGCONT"));
        },
        // Each agent is heard again before its lease is over: it keeps what it has.
        { calm: true },
      ),
  },
  "Redis forgets everything": {
    play: (stage) =>
      during(
        stage,
        async () => {
          await stage.farm.client.flushall();
        },
        // Nobody can go on with it: what was judged stays.
        { verdicts: ["passed", "broken"], interrupted: true, codes: [2] },
      ),
  },
  "all is killed": {
    play: async (stage) => {
      const { farm, run, note, random } = stage;
      const running = await underWay(stage);
      running.signal("SIGKILL");
      for (const rig of farm.rigs) agentOf(farm, rig).signal("SIGKILL");
      await farm.redis.kill("SIGKILL");
      await running.ended();
      await clock.sleep(random() * LEASE_MS);
      await farm.redis.restart();
      for (const rig of farm.rigs) farm.agent(rig);
      note("all started again");
      return { run, cases: CASES, code: await farm.end(farm.attach(run)) };
    },
  },
};
