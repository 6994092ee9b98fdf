import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { Received } from "../../harness/cli/farm/received.js";
import { hashOf } from "../../harness/farm/kept.js";
import { KEYS } from "../../harness/farm/keys.js";
import { st67hil } from "../support/cli.js";
import { inProcess } from "../support/in-process.js";
import { redisServer } from "../support/redis.js";
import { scratch } from "../support/scratch.js";
import { testWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";

test.each([
  [["--resume", "out/run"], "--resume does not go with farm run: `st67-hil farm attach RUN` goes on"],
  [["--set", "name=x"], "--set does not go with farm run: fields of a rig file are set where its agent is started"],
  [["--wait"], "--wait does not go with farm run: a case waits for a rig that can take it"],
  [["--dry-run"], "--dry-run does not go with farm run: `st67-hil list` with the same options"],
])("an option of run that is none of farm run is refused with what there is instead: %s", async (given, told) => {
  const { code, stdout, stderr } = await inProcess(["farm", "run", ...given, "--redis", "unix:/dev/null/none"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(told);
});

test.each(["out", "junit", "attachment-base", "baseline", "keep"])(
  "what is written at the end is asked of who writes it: --%s with --detach",
  async (name) => {
    const value = name === "keep" ? "1" : "x";
    const { code, stderr } = await inProcess(["farm", "run", "--detach", `--${name}`, value]);
    expect(code).toBe(2);
    expect(stderr).toContain(`--${name} does not go with --detach: give it to \`st67-hil farm attach\``);
  },
);

testWithRedis(
  `a Redis with keys of another kind, or with names that are no text, is no bug of ours${WITHOUT_REDIS}`,
  async () => {
    await using server = await redisServer();
    using folder = scratch();
    const client = new Redis({ path: server.socket });
    using _ended = { [Symbol.dispose]: () => client.disconnect() };
    const farm = (...args: string[]) => inProcess(["farm", ...args, "--redis", server.url], { cwd: folder.path });
    await client.sadd(KEYS.needs, JSON.stringify(["\ud800"]), "[1]", "no JSON");
    expect(await farm("status")).toEqual({ code: 0, stdout: "no rig is at work\n", stderr: "" });
    for (const key of [KEYS.rigs, KEYS.runs, KEYS.order("r")]) await client.hset(key, "a", "b");
    for (const args of [["status"], ["cancel", "r"], ["attach", "r"]]) {
      const { code, stdout, stderr } = await farm(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^error REDIS_UNUSABLE \(config\): the farm's server: WRONGTYPE /);
    }
  },
);

testWithRedis(
  `a run that nobody waits for is told, called off and written down, as often as somebody asks${WITHOUT_REDIS}`,
  async () => {
    await using server = await redisServer();
    using folder = scratch();
    const farm = async (...args: string[]) => {
      const given = ["farm", ...args, "--json", "--redis", server.url];
      // Cases are told by a lane, which is a process of the built program.
      const { code, stdout } = await (args[0] === "run" ? st67hil : inProcess)(given, { cwd: folder.path });
      return { code, told: JSON.parse(stdout) };
    };
    const shard = ["--shard", "1/2", "--repeat", "2", "--run-id", "r"];
    const started = await farm("run", "identify", ...shard, "--detach");
    expect(started).toEqual({ code: 0, told: { run: "r", detached: true } });
    expect(await farm("status")).toMatchObject({ code: 0, told: { runs: [{ run: "r", cases: 1 }], rigs: [] } });
    expect(await farm("cancel", "r")).toEqual({ code: 0, told: { run: "r", cancelled: true } });
    const attached = await farm("attach", "r");
    expect(attached).toMatchObject({ code: 2, told: { runId: "r", folder: "out/r-1-of-2", interrupted: true } });
    const whole = readFileSync(folder.file("out/r-1-of-2/events.jsonl"), "utf8");
    expect(await farm("attach", "r")).toMatchObject({ code: 2, told: { interrupted: true } });
    expect(readFileSync(folder.file("out/r-1-of-2/events.jsonl"), "utf8")).toBe(whole);
    const resumed = await inProcess(["run", "--resume", "out/r-1-of-2"], { cwd: folder.path });
    expect(resumed).toMatchObject({ code: 2, stdout: "" });
    expect(resumed.stderr).toMatch(/it is a run of the farm.*\n.*`st67-hil farm attach r` goes on with it/);
    // What the writer before has said of itself is no part of the story.
    mkdirSync(folder.file("other"));
    const [first = ""] = whole.split("\n");
    const own = [
      '{"type":"run.warned","seq":1,"atMs":0,"message":"a file"}',
      '{"type":"run.ended","seq":2,"atMs":0,"interrupted":true}',
    ];
    writeFileSync(folder.file("other/events.jsonl"), `${[first, ...own].join("\n")}\n`);
    expect(await farm("attach", "r", "--out", "other")).toMatchObject({ code: 2 });
    expect(readFileSync(folder.file("other/events.jsonl"), "utf8")).toBe(whole);
  },
);

test("a file that a clerk before has fetched is not asked for again, and one that was changed is", async () => {
  using folder = scratch();
  const bytes = Buffer.from("a trace");
  const asked: string[] = [];
  const get = async (sha256: string) => {
    asked.push(sha256);
    return bytes;
  };
  const warnings: string[] = [];
  const received = new Received(
    folder.path,
    { has: async () => false, put: async () => undefined, get },
    (message) => void warnings.push(message),
  );
  const file = { path: "cases/a/trace.jsonl", sha256: hashOf(bytes), bytes: bytes.length, rig: "one" };
  mkdirSync(dirname(folder.file(file.path)), { recursive: true });
  for (const there of ["a trace", "another"]) {
    writeFileSync(folder.file(file.path), there);
    received.take(file);
    await received.all(false);
  }
  expect({ asked, warnings }).toEqual({ asked: [file.sha256], warnings: [] });
  expect(readFileSync(folder.file(file.path), "utf8")).toBe("a trace");
});
