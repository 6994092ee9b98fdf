import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { Redis } from "ioredis";
import type { RunEvent } from "../../harness/base/events.js";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import { connect, redisPlace } from "../../harness/farm/connection.js";
import { goneWithin, marked, own, processesOf } from "../support/lane-run.js";
import { type RedisServer, redisServer } from "../support/redis.js";
import { Running } from "../support/running.js";
import { type Scratch, scratch } from "../support/scratch.js";

/** Of agents and clerks, where a scene does not say otherwise, in ms. */
export const LEASE_MS = 4000;
const PATIENCE_MS = 8000;
/** A run of all cases takes a few seconds, and the longest scene is a minute without Redis: one that takes so long hangs, in ms. */
const LONGEST_RUN_MS = 180_000;
const LONGEST_END_MS = 20_000;
const LOOK_MS = 20;

export const clock = new SystemClock();

/** So many cases are jobs of their own; so many edges lead from one firmware to another, in walks. */
const [ALONE, EDGES] = [8, 4];
const MATRIX = ["t01@2.0.97", "t01@2.0.106", "t02@2.0.97", "t02@2.0.106"];
export const CASES: readonly string[] = [
  ...Array.from({ length: ALONE }, (_, index) => `flashes ${index}`),
  ...Array.from({ length: EDGES }, (_, index) => `goes on ${MATRIX[index]} -> ${MATRIX[(index + 1) % EDGES]}`),
];

/** A case lasts about half a second of real time, and flashes the module again and again in it. */
const BODY = `for (let round = 0; round < 3; round++) {
  await flash(firmware);
  await new Promise((done) => setTimeout(done, 80));
}`;

const flashing = (name: string, parameters: string): string =>
  own(name, BODY, `parameters: ({ firmwares }) => ${parameters},`).replace(
    /async run\(.*\n/,
    "async run({ flash }, { firmware }) {\n",
  );

const SCENARIOS = {
  flashes: flashing(
    "flashes",
    `Array.from({ length: ${ALONE} }, (_, index) => ({ label: String(index), firmware: firmwares[index % firmwares.length] }))`,
  ),
  goes: flashing(
    "goes on",
    `firmwares.slice(0, ${EDGES}).map((before, index, all) => {
      const after = all[(index + 1) % all.length];
      return { label: before.label + " -> " + after.label, before, after, firmware: after };
    })`,
  ),
};

/** What a scene may change of its rigs and agents. */
export interface FarmOptions {
  readonly rigs?: number;
  /** Of the `sim:` section of each rig file. */
  readonly sim?: string;
  /** Of agents and clerks. */
  readonly leaseMs?: number;
}

/** A Redis, rigs with a simulated module each that outlives its process, and what was started with them. */
export class Farm implements AsyncDisposable {
  readonly rigs: readonly string[];
  readonly redis: RedisServer;
  readonly folder: Scratch;
  readonly client: Redis;
  readonly agents = new Map<string, Running>();
  /** Ended already; what they said counts. */
  readonly ended: Running[] = [];
  readonly leaseMs: number;
  readonly #runs: Running[] = [];

  private constructor(folder: Scratch, redis: RedisServer, client: Redis, options: FarmOptions) {
    const { rigs = 3, sim = "", leaseMs = LEASE_MS } = options;
    this.leaseMs = leaseMs;
    this.folder = folder;
    this.redis = redis;
    this.client = client;
    this.rigs = Array.from({ length: rigs }, (_, index) => `${basename(folder.path)}-${index + 1}`);
    for (const rig of this.rigs) this.#writeRig(rig, sim);
    mkdirSync(folder.file("scenarios"));
    for (const [name, text] of Object.entries(SCENARIOS)) writeFileSync(folder.file(`scenarios/${name}.ts`), text);
  }

  static async start(options: FarmOptions = {}): Promise<Farm> {
    const folder = scratch();
    try {
      const redis = await redisServer();
      const client = await connect(redisPlace(redis.url), () => undefined);
      return new Farm(folder, redis, client, options);
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  #writeRig(rig: string, sim: string): void {
    const state = `state: ${this.folder.file(`${rig}.state`)}`;
    writeFileSync(
      this.folder.file(`${rig}.yaml`),
      `name: ${rig}
straps: { driver: sim }
spi: { driver: sim }
reference: { profile: t02, fwVersion: 2.0.106 }
sim: { ${[state, sim].filter((each) => each !== "").join(", ")} }
`,
    );
  }

  /** Of an agent: its journals and its history. */
  home(rig: string): string {
    return this.folder.file(`agent-${rig}`);
  }

  /** Starts an agent of one rig, in place of the one that was ended. */
  agent(
    rig: string,
    more: readonly string[] = ["--scenarios", this.folder.file("scenarios/*.ts")],
    home = rig,
  ): Running {
    const place = ["--rig", this.folder.file(`${rig}.yaml`), "--out", this.home(home), "--lease", `${this.leaseMs}ms`];
    const agent = this.#start(["farm", "work", "--redis", this.redis.url, ...place, ...more]);
    const before = this.agents.get(home);
    if (before !== undefined) this.ended.push(before);
    this.agents.set(home, agent);
    return agent;
  }

  /** Starts those agents that are not at work, and waits until their rigs were looked at. */
  async ready(rigs: readonly string[] = this.rigs): Promise<void> {
    for (const rig of rigs) if (this.agents.get(rig)?.isOver !== false) this.agent(rig);
    for (const rig of rigs) {
      const agent = this.agents.get(rig);
      await this.within(LONGEST_END_MS, `${rig} at work`, async () => agent?.stderr.includes(`${rig}: healthy`));
    }
  }

  /** @param name of the run, and of its folder. */
  run(name: string, more: readonly string[] = []): Running {
    return this.#clerk("run", name, ["--run-id", name, "--scenarios", this.folder.file("scenarios/*.ts"), ...more]);
  }

  attach(name: string): Running {
    return this.#clerk("attach", name, [name]);
  }

  #clerk(command: string, name: string, more: readonly string[]): Running {
    const limits = [
      "--lease",
      `${this.leaseMs}ms`,
      "--patience",
      `${PATIENCE_MS}ms`,
      "--history",
      this.folder.file("history"),
    ];
    const args = ["farm", command, ...more, "--redis", this.redis.url, "--out", this.out(name), ...limits];
    return this.#start(args);
  }

  /** A run of this machine alone, on the simulated module that ships. */
  local(name: string, ...args: string[]): Running {
    return this.#start(["run", ...args, "--out", this.out(name), "--history", this.folder.file("local-history")]);
  }

  /** Another command of the farm. */
  command(...args: string[]): Running {
    return this.#start(["farm", ...args, "--redis", this.redis.url]);
  }

  out(name: string): string {
    return this.folder.file(`run-${name}`);
  }

  /** Its exit code. @throws Error when it hangs. */
  async end(running: Running, ms = LONGEST_RUN_MS): Promise<number | NodeJS.Signals> {
    const said = () => `\n${running.stdout.slice(-2000)}${running.stderr.slice(-4000)}`;
    const deadline = Deadline.in(ms, "its end", clock);
    return deadline.race(running.ended()).catch((error: unknown) => {
      throw new Error(`a command hangs: ${String(error)}${said()}`);
    });
  }

  async within<T>(ms: number, what: string, there: () => Promise<T | undefined | false>): Promise<T> {
    for (const end = clock.now() + ms; ; await clock.sleep(LOOK_MS)) {
      const found = await there();
      if (found !== undefined && found !== false) return found;
      if (clock.now() > end) throw new Error(`${what}: not within ${ms} ms\n${this.said()}`);
    }
  }

  /** What agents have said, for people. */
  said(): string {
    return [...this.agents].map(([name, { stderr }]) => `${name}:\n${stderr.slice(-3000)}`).join("\n");
  }

  /** Text of the run's journal so far. */
  journal(name: string): string {
    try {
      return readFileSync(`${this.out(name)}/events.jsonl`, "utf8");
    } catch {
      return "";
    }
  }

  /** What it tells, as far as its lines are whole. */
  events(name: string): RunEvent[] {
    const lines = this.journal(name).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as RunEvent);
  }

  /** Processes of this farm whose parent is this one, or one of whose ancestors is: lanes and watchdogs. */
  children(of: number, named: string): number[] {
    return processesOf(this.folder).filter((pid) => parentOf(pid) === of && commandOf(pid).includes(named));
  }

  /** Processes without an agent that they belong to: they are given some time to end by themselves. */
  async orphans(): Promise<string[]> {
    const agents = new Set([...this.agents.values()].filter(({ isOver }) => !isOver).map(({ pid }) => pid));
    const isOwned = (pid: number): boolean => pid > 1 && (agents.has(pid) || isOwned(parentOf(pid) || 0));
    const left = () => processesOf(this.folder).filter((pid) => !isOwned(pid));
    for (const end = clock.now() + LONGEST_END_MS; clock.now() < end && left().length > 0; ) await clock.sleep(LOOK_MS);
    return left().map((pid) => `an orphan: ${pid} ${commandOf(pid)}`);
  }

  /** Ends all agents as a person does, and tells what outlives them. */
  async stop(): Promise<string[]> {
    for (const agent of this.agents.values()) {
      agent.signal("SIGCONT");
      agent.signal("SIGTERM");
    }
    const wrong: string[] = [];
    for (const [name, agent] of this.agents)
      if (!agent.isOver)
        await this.end(agent, LONGEST_END_MS).catch((error: unknown) =>
          wrong.push(`agent of ${name}: ${String(error)}`),
        );
    this.ended.push(...this.agents.values());
    this.agents.clear();
    await goneWithin(this.folder, LONGEST_END_MS).catch((error: unknown) => wrong.push(String(error)));
    return wrong;
  }

  #start(args: readonly string[]): Running {
    const running = new Running(args, this.folder.path, marked(this.folder));
    this.#runs.push(running);
    return running;
  }

  /** By force, whatever is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#runs) await running[Symbol.asyncDispose]();
    for (const pid of processesOf(this.folder)) tryKill(pid);
    this.client.disconnect();
    await this.redis[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

export function tryKill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

const commandOf = (pid: number): string => told(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
const parentOf = (pid: number): number => Number(told(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[1]);

function told(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
