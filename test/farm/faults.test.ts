import { expect } from "@jest/globals";
import { play } from "../farm-faults/play.js";
import { SCENES } from "../farm-faults/scenes.js";
import { testWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";

/** All of them, with many seeds: `npm run test:farm`. */
testWithRedis.each(["an agent is killed", "a job is delivered twice"])(
  `every case has one verdict, of one rig, when %s${WITHOUT_REDIS}`,
  async (name) => {
    const scene = SCENES[name];
    if (scene === undefined) throw new Error(`no scene ${name}`);
    for await (const { wrong } of play(name, scene, [2])) expect(wrong).toEqual([]);
  },
  120_000,
);
