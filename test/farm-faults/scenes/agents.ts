import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runIn } from "../../../harness/farm/old-journals.js";
import { CASES, clock, LEASE_MS, tryKill } from "../farm.js";
import type { Expected } from "../judge.js";
import { agentOf, BEGIN_MS, during, killAgent, moment, pick, type Scene, type Stage } from "../stage.js";

/** A lane starts, loads its scenarios and takes its rig in about so long, in ms. */
const LOADING_MS = 800;
const lanesOf = ({ farm }: Stage): number[] =>
  farm.rigs.flatMap((rig) => farm.children(agentOf(farm, rig).pid, "lane-process"));

function killLane(stage: Stage, lanes: readonly number[]): void {
  stage.note(lanes.length === 0 ? "no lane there" : "kill -9 of a lane");
  if (lanes.length > 0) tryKill(pick(stage, lanes));
}

/** Who ended it is not known: a case that was under way is broken, and is not retried without being asked for. */
const LANE_KILLED: Partial<Expected> = { verdicts: ["passed", "broken"] };

/** Faults of agents, of their lanes and of their rigs. */
export const AGENTS: Readonly<Record<string, Scene>> = {
  "an agent is killed": { play: (stage) => during(stage, () => killAgent(stage, pick(stage, stage.farm.rigs))) },
  "an agent of rigs that were named is killed": {
    play: async (stage) => {
      const { farm, run } = stage;
      await farm.ready();
      const running = farm.run(
        run,
        farm.rigs.flatMap((rig) => ["--rig", rig]),
      );
      await moment(stage);
      await killAgent(stage, pick(stage, farm.rigs));
      return { run, cases: CASES, code: await farm.end(running) };
    },
  },
  "an agent is killed and started again": {
    play: (stage) =>
      during(stage, async () => {
        const rig = pick(stage, stage.farm.rigs);
        await killAgent(stage, rig);
        await clock.sleep(stage.random() * LEASE_MS);
        stage.note("started again");
        stage.farm.agent(rig);
      }),
  },
  "an agent stands still": {
    play: (stage) =>
      during(stage, async () => {
        const { farm, random, note } = stage;
        const rig = pick(stage, farm.rigs);
        const ms = Math.round(LEASE_MS * (1.2 + random()));
        note(`SIGSTOP of the agent of ${rig.slice(-1)} for ${ms} ms`);
        agentOf(farm, rig).signal("SIGSTOP");
        await clock.sleep(ms);
        agentOf(farm, rig).signal("SIGCONT");
      }),
  },
  "agents are stopped as a person does it": {
    play: (stage) =>
      during(
        stage,
        async () => {
          const { farm, random, note } = stage;
          for (const rig of farm.rigs.slice(0, 1 + Math.floor(random() * 3))) {
            note(`SIGTERM of the agent of ${rig.slice(-1)}`);
            agentOf(farm, rig).signal("SIGTERM");
            await farm.end(agentOf(farm, rig));
            farm.agent(rig);
          }
        },
        { twice: true },
      ),
  },
  "all agents are killed, for good": {
    play: (stage) =>
      during(
        stage,
        async () => {
          for (const rig of stage.farm.rigs) await killAgent(stage, rig);
        },
        { verdicts: ["passed", "broken", "skipped"] },
      ),
  },
  "two agents claim one rig": {
    play: async (stage) => {
      const { farm, run, random, note } = stage;
      await farm.ready(farm.rigs.slice(1));
      const [rig = ""] = farm.rigs;
      if (farm.agents.get(rig)?.isOver !== false) farm.agent(rig);
      const running = farm.run(run);
      await clock.sleep(random() * 4000);
      const second = farm.agent(rig, undefined, `${rig}-again`);
      await farm.within(20_000, "the second agent", async () => second.stderr.includes("another agent works"));
      if (random() < 0.5) {
        await killAgent(stage, rig);
        note("the second one takes over");
      }
      const code = await farm.end(running);
      second.signal("SIGTERM");
      await farm.end(second);
      return { run, cases: CASES, code };
    },
  },
  "agents come late": {
    play: async (stage) => {
      const { farm, run, random } = stage;
      await farm.stop();
      const running = farm.run(run);
      await clock.sleep(1000 + random() * 3000);
      for (const rig of farm.rigs) {
        farm.agent(rig);
        await clock.sleep(random() * 2000);
      }
      return { run, cases: CASES, code: await farm.end(running) };
    },
  },
  "an agent has other scenario files": {
    most: 3,
    play: async (stage) => {
      const { farm, run } = stage;
      await farm.ready(farm.rigs.slice(1));
      const [rig = ""] = farm.rigs;
      const other = farm.agents.get(rig) ?? farm.agent(rig, ["--scenarios", farm.folder.file("scenarios/goes.ts")]);
      const code = await farm.end(farm.run(run));
      const both = /hash of the scenario files: the run has [0-9a-f]{64}, this agent [0-9a-f]{64}/;
      if (!both.test(other.stderr)) throw new Error(`it did not refuse: ${other.stderr}`);
      return { run, cases: CASES, code };
    },
  },
  "all agents have other scenario files": {
    most: 1,
    play: async (stage) => {
      const { farm, run } = stage;
      for (const rig of farm.rigs) farm.agent(rig, ["--scenarios", farm.folder.file("scenarios/goes.ts")]);
      return { run, cases: CASES, code: await farm.end(farm.run(run)), verdicts: ["broken"], codes: [2] };
    },
  },
  "a lane is killed": {
    play: (stage) => during(stage, async () => killLane(stage, lanesOf(stage)), LANE_KILLED),
  },
  "a lane is killed while it loads": {
    play: async (stage) => {
      const { farm, run, random, note } = stage;
      await farm.ready();
      const running = farm.run(run);
      await farm.within(BEGIN_MS, "a lane", async () => lanesOf(stage).length > 0);
      const ms = Math.round(random() * LOADING_MS);
      note(`after ${ms} ms`);
      await clock.sleep(ms);
      killLane(stage, lanesOf(stage));
      return { run, cases: CASES, code: await farm.end(running), ...LANE_KILLED };
    },
  },
  "an agent cannot write its journal any more": {
    // Its rig is failing then.
    most: 1,
    play: (stage) =>
      during(stage, async () => {
        const { farm, run, note } = stage;
        const rig = pick(stage, farm.rigs);
        note(`the journals of ${rig.slice(-1)} are removed`);
        for (const name of readdirSync(farm.home(rig)))
          if (runIn(name) === run) rmSync(join(farm.home(rig), name), { recursive: true, force: true });
      }),
  },
  "all rigs fail": {
    farm: { sim: "wiring: { txRx: open }" },
    most: 1,
    play: async ({ farm, run }) => {
      for (const rig of farm.rigs) farm.agent(rig);
      return { run, cases: CASES, code: await farm.end(farm.run(run)), verdicts: ["broken"], codes: [2] };
    },
  },
};
