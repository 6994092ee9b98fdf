import type { RunEvent } from "../../harness/base/events.js";
import type { Running } from "../support/running.js";
import { CASES, clock, type Farm, type FarmOptions, LEASE_MS, tryKill } from "./farm.js";
import { type Expected, judge } from "./judge.js";
import { addAgain, doubleEvents } from "./twice.js";

/** What a scene is played with. */
interface Stage {
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
const BEGIN_MS = 40_000;
const SPREAD_MS = 2500;
/** Lease of a farm where nobody says otherwise, in ms. */
const PRODUCT_LEASE_MS = 90_000;

async function moment({ farm, run, random, note }: Stage, spreadMs = SPREAD_MS): Promise<void> {
  await farm.within(BEGIN_MS, "the first job", async () => farm.journal(run).includes('"job.begun"'));
  const ms = Math.round(random() * spreadMs);
  note(`after ${ms} ms`);
  await clock.sleep(ms);
}

const pick = <T>({ random }: Stage, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

/** A run at a moment in its middle. */
async function underWay(stage: Stage): Promise<Running> {
  await stage.farm.ready();
  const running = stage.farm.run(stage.run);
  await moment(stage);
  return running;
}

/** A run, and what is done to it in the middle; all cases pass all the same. */
async function during(
  stage: Stage,
  deed: (run: Running) => Promise<void>,
  may: Partial<Expected> = {},
): Promise<Expected> {
  const { farm, run } = stage;
  const running = await underWay(stage);
  await deed(running);
  return { run, cases: CASES, code: await farm.end(running), ...may };
}

const agentOf = (farm: Farm, rig: string): Running => {
  const agent = farm.agents.get(rig);
  if (agent === undefined) throw new Error(`no agent of ${rig}`);
  return agent;
};

async function killAgent({ farm, note }: Stage, rig: string): Promise<void> {
  note(`kill -9 of the agent of ${rig.slice(-1)}`);
  agentOf(farm, rig).signal("SIGKILL");
  await agentOf(farm, rig).ended();
}

/** Of the matrix of four firmwares: each over each, and over itself. */
const NIGHT = ["--suite", "nightly"];

/** What each case came to, by its name. */
const verdictsIn = (farm: Farm, run: string): ReadonlyMap<string, string> =>
  new Map(
    farm
      .journal(run)
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as RunEvent)
      .flatMap((event) => (event.type === "case.ended" ? [[event.case, event.verdict] as const] : [])),
  );

export const SCENES: Readonly<Record<string, Scene>> = {
  "a night is that of one rig": {
    most: 1,
    play: async ({ farm, run, note }) => {
      for (const rig of farm.rigs) farm.agent(rig, []);
      await farm.ready();
      const night = farm.command("run", ...NIGHT, "--run-id", run, "--out", farm.out(run), "--lease", `${LEASE_MS}ms`);
      const code = await farm.end(night);
      if ((await farm.end(farm.local("local", ...NIGHT))) !== 0) throw new Error("the night on one rig is not good");
      const local = verdictsIn(farm, "local");
      const here = verdictsIn(farm, run);
      const other = [...local].filter(([name, verdict]) => here.get(name) !== verdict);
      if (other.length > 0) throw new Error(`not the same as on one rig: ${other.map(([name]) => name).join(", ")}`);
      note(`${local.size} cases`);
      return { run, cases: [...local.keys()], code };
    },
  },
  "nothing happens": { play: (stage) => during(stage, async () => undefined, { calm: true }) },
  "an agent is killed": { play: (stage) => during(stage, () => killAgent(stage, pick(stage, stage.farm.rigs))) },
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
  "a lane is killed": {
    play: (stage) =>
      during(
        stage,
        async () => {
          const lanes = stage.farm.rigs.flatMap((rig) =>
            stage.farm.children(agentOf(stage.farm, rig).pid, "lane-process"),
          );
          if (lanes.length === 0) return stage.note("no lane there");
          stage.note("kill -9 of a lane");
          tryKill(pick(stage, lanes));
        },
        // Who ended it is not known: a case that was under way is broken, and is not retried without being asked for.
        { verdicts: ["passed", "broken"] },
      ),
  },
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
  "the dispatcher is killed": {
    play: async (stage) => {
      const { farm, run, note, random } = stage;
      const running = await underWay(stage);
      running.signal("SIGKILL");
      await running.ended();
      await clock.sleep(random() * 2 * LEASE_MS);
      note("attached");
      return { run, cases: CASES, code: await farm.end(farm.attach(run)), calm: true };
    },
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
  "the dispatcher stands still": {
    play: async (stage) => {
      const { farm, run, note, random } = stage;
      const running = await underWay(stage);
      running.signal("SIGSTOP");
      const ms = Math.round(LEASE_MS * (1.2 + random()));
      note(`SIGSTOP of the dispatcher, attached after ${ms} ms`);
      await clock.sleep(ms);
      const attached = farm.attach(run);
      await clock.sleep(random() * 3000);
      running.signal("SIGCONT");
      const [first, second] = [await farm.end(running), await farm.end(attached)];
      // On a busy machine the first one is there again before anybody takes the run over.
      const isRefused = attached.stderr.includes("writes it down");
      note(isRefused ? "nobody took it over" : `the first one ended with ${first}`);
      return { run, cases: CASES, code: isRefused ? first : second };
    },
  },
  "a job is delivered twice": {
    play: (stage) =>
      during(stage, async () => {
        const { farm, run, random, note } = stage;
        note(await addAgain(farm, run, random));
        note(await doubleEvents(farm, run, random));
      }),
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
  "all rigs fail": {
    farm: { sim: "wiring: { txRx: open }" },
    most: 1,
    play: async ({ farm, run }) => {
      for (const rig of farm.rigs) farm.agent(rig);
      return { run, cases: CASES, code: await farm.end(farm.run(run)), verdicts: ["broken"], codes: [2] };
    },
  },
  "it is cancelled in mid-erase": {
    play: (stage) =>
      during(
        stage,
        async () => {
          const { farm, run } = stage;
          if ((await farm.end(farm.command("cancel", run))) !== 0) throw new Error("farm cancel failed");
        },
        { verdicts: ["passed", "aborted"], interrupted: true, codes: [2] },
      ),
  },
  "Ctrl-C of the dispatcher": {
    play: (stage) =>
      during(stage, async (running) => running.signal("SIGINT"), {
        verdicts: ["passed", "aborted"],
        interrupted: true,
        codes: [130],
      }),
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
  "two runs at once": {
    most: 5,
    play: async (stage) => {
      const { farm, run } = stage;
      await farm.ready();
      const other = `${run}-other`;
      const runs = [farm.run(run), farm.run(other)];
      await moment(stage);
      await killAgent(stage, pick(stage, farm.rigs));
      const [code = 0, second] = await Promise.all(runs.map((each) => farm.end(each)));
      const wrong = judge(farm, { run: other, cases: CASES, code: second ?? 0 });
      if (wrong.length > 0) throw new Error(`the other run: ${wrong.join("; ")}`);
      return { run, cases: CASES, code };
    },
  },
};
