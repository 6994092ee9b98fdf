import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { Redis } from "ioredis";
import { KEYS } from "../../harness/farm/keys.js";
import { labels, own } from "../support/lane-run.js";
import { redisServer } from "../support/redis.js";
import { Running } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { type Group, mib, ms, PROGRAM, rowOf } from "./figures.js";

const RIGS = [1, 2, 3];
const CASES = 1000;
/** Of jobs that do nothing, beyond what a case costs in a local run. */
const OVERHEAD_MS = 20;
/** An agent that has done a thousand jobs may have so much more after a thousand others. */
const GROWTH_MIB = 8;

/** What it costs that a case is a job of a queue, and whether an agent grows by them. */
export async function farm(): Promise<Group> {
  using folder = scratch();
  await using server = await redisServer();
  const scenarios = folder.file("own.ts");
  writeFileSync(scenarios, own("own", "", labels(...Array.from({ length: CASES }, (_, n) => `n${n}`))));
  const rigs = RIGS.map((n) => {
    const file = folder.file(`rig-${n}.yaml`);
    writeFileSync(file, `name: rig-${n}\nstraps: { driver: sim }\n`);
    return file;
  });
  const redis = ["--redis", server.url, "--scenarios", scenarios];
  const agents = rigs.map(
    (rig, n) => new Running(["farm", "work", "--rig", rig, "--out", folder.file(`a${n}`), ...redis]),
  );
  const client = new Redis({ path: server.socket });
  try {
    for (const [n, agent] of agents.entries())
      await agent.until(async () => (await client.get(KEYS.record(`rig-${n + 1}`)))?.includes("degraded"));
    await farmRun(client, folder.file("warm"), redis);
    const before = agents.map(({ pid }) => residentMib(pid));
    const farmMs = await farmRun(client, folder.file("farm"), redis);
    const after = agents.map(({ pid }) => residentMib(pid));
    const localMs = localRun(folder.file("local"), rigs, scenarios);
    const growth = Math.max(...after.map((each, n) => each - (before[n] ?? 0)));
    return {
      title: `${CASES} cases that do nothing, as jobs over 3 agents on this machine`,
      rows: [
        ms("a case, of its rig's time", farmMs),
        ms("the same in a local run of 3 lanes", localMs),
        ms("more, as a job", farmMs - localMs, OVERHEAD_MS),
        rowOf("jobs a second", (1000 * RIGS.length) / farmMs, ""),
        mib("an agent, RSS after 1000 jobs", Math.max(...before)),
        mib("more after 1000 others", growth, GROWTH_MIB),
      ],
    };
  } finally {
    client.disconnect();
    for (const agent of agents) await agent[Symbol.asyncDispose]();
  }
}

/** @returns what a case took of its rig's time, in ms, from the first job's begin to the last one's end. */
async function farmRun(client: Redis, out: string, redis: readonly string[]): Promise<number> {
  spawnSync(process.execPath, [PROGRAM, "farm", "run", ...redis, "--run-id", "bench", "--out", out]);
  const told = await client.xrange(KEYS.told("bench"), "-", "+");
  const times = told.flatMap(([id, [, entry = ""]]) =>
    /"job\.(begun|ended)"/.test(entry) ? [Number(id.split("-")[0])] : [],
  );
  await client.del(KEYS.told("bench"), KEYS.order("bench"));
  return (((times.at(-1) ?? 0) - (times[0] ?? 0)) * RIGS.length) / CASES;
}

/** The same of a run without a farm: what a run of one case takes is none of it. */
function localRun(out: string, rigs: readonly string[], scenarios: string): number {
  const took = (name: string, more: readonly string[]): number => {
    const start = performance.now();
    const choice = rigs.flatMap((rig) => ["--rig", rig]);
    spawnSync(process.execPath, [
      PROGRAM,
      "run",
      ...more,
      ...choice,
      "--scenarios",
      scenarios,
      "--out",
      `${out}-${name}`,
    ]);
    return performance.now() - start;
  };
  return ((took("all", []) - took("one", ["own n1"])) * RIGS.length) / CASES;
}

const residentMib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
