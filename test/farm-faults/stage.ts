import type { Running } from "../support/running.js";
import { CASES, clock, type Farm, type FarmOptions } from "./farm.js";
import type { Expected } from "./judge.js";

/** What a scene is played with. */
export interface Stage {
  readonly farm: Farm;
  /** Of the run. */
  readonly run: string;
  readonly random: () => number;
  /** For the line of the scene. */
  readonly note: (text: string) => void;
}

export interface Scene {
  readonly farm?: FarmOptions;
  /** Of so many seeds: it is long, or the moment is nothing in it. */
  readonly most?: number;
  play(stage: Stage): Promise<Expected>;
}

/** The first job has begun; then any moment of the next seconds. */
export const BEGIN_MS = 40_000;
const SPREAD_MS = 2500;
export async function moment({ farm, run, random, note }: Stage, spreadMs = SPREAD_MS): Promise<void> {
  await farm.within(BEGIN_MS, "the first job", async () => farm.journal(run).includes('"job.begun"'));
  const ms = Math.round(random() * spreadMs);
  note(`after ${ms} ms`);
  await clock.sleep(ms);
}

export const pick = <T>({ random }: Stage, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

/** A run at a moment in its middle. */
export async function underWay(stage: Stage): Promise<Running> {
  await stage.farm.ready();
  const running = stage.farm.run(stage.run);
  await moment(stage);
  return running;
}

/** A run, and what is done to it in the middle; all cases pass all the same. */
export async function during(
  stage: Stage,
  deed: (run: Running) => Promise<void>,
  may: Partial<Expected> = {},
): Promise<Expected> {
  const { farm, run } = stage;
  const running = await underWay(stage);
  await deed(running);
  return { run, cases: CASES, code: await farm.end(running), ...may };
}

export const agentOf = (farm: Farm, rig: string): Running => {
  const agent = farm.agents.get(rig);
  if (agent === undefined) throw new Error(`no agent of ${rig}`);
  return agent;
};

export async function killAgent({ farm, note }: Stage, rig: string): Promise<void> {
  note(`kill -9 of the agent of ${rig.slice(-1)}`);
  agentOf(farm, rig).signal("SIGKILL");
  await agentOf(farm, rig).ended();
}
