import { expect, test } from "@jest/globals";
import { play } from "../farm-faults/play.js";
import { SCENES } from "../farm-faults/scenes.js";
import { NO_REDIS } from "../support/redis.js";

const testWhere = NO_REDIS === undefined ? test : test.skip;

/** All of them, with many seeds: `npm run test:farm`. */
testWhere.each(["an agent is killed", "a job is delivered twice"])(
  `every case has one verdict, of one rig, when %s${NO_REDIS === undefined ? "" : ` (skipped: ${NO_REDIS})`}`,
  async (name) => {
    const scene = SCENES[name];
    if (scene === undefined) throw new Error(`no scene ${name}`);
    for await (const { wrong } of play(name, scene, [2])) expect(wrong).toEqual([]);
  },
  120_000,
);
