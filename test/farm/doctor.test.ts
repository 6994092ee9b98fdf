import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "@jest/globals";
import { SystemClock } from "../../harness/base/time.js";
import { examineRedis } from "../../harness/farm/read-redis.js";
import { st67hil as asProcess } from "../support/cli.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";
import { testWithRedis } from "../support/with-redis.js";

/** Not everywhere. */
const SERVER_PROGRAM = "redis-server";

/** A real server on the socket `s` in `dir`. */
async function started(dir: string, args: readonly string[] = []): Promise<AsyncDisposable> {
  const all = ["--port", "0", "--unixsocket", `${dir}/s`, "--dir", dir, "--save", "", ...args];
  const child: ChildProcess = spawn(SERVER_PROGRAM, all, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const text of child.stdout ?? []) if (String(text).includes("eady to accept")) break;
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const IDS = ["redis-reach", "redis-version", "redis-aof", "redis-eviction", "redis-clock", "redis-latency"];

/** The checks that `--redis` adds, behind the rig's own: id, status, what was found. */
const told = (stdout: string): [string, string, string][] =>
  JSON.parse(stdout)
    .checks.slice(25)
    .map(({ id, status, found }: { id: string; status: string; found: string }) => [id, status, found]);

testWithRedis("a server that keeps what it has passes all; one without appendonly fails, exit 2", async () => {
  using dir = scratch();
  const args = ["doctor", "--json", "--redis", `unix:${dir.path}/s`];
  {
    await using _ = await started(dir.path, ["--appendonly", "yes"]);
    const good = await st67hil(args);
    expect(good).toMatchObject({ code: 0, stderr: "" });
    expect(told(good.stdout).map(([id, status]) => [id, status])).toEqual(IDS.map((id) => [id, "passed"]));
  }
  await using _ = await started(dir.path, ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]);
  const bad = await st67hil(args);
  expect(bad.code).toBe(2);
  const failed = told(bad.stdout).filter(([, status]) => status === "failed");
  expect(failed.map(([id]) => id)).toEqual(["redis-aof", "redis-eviction"]);
  const text = await st67hil(args.filter((each) => each !== "--json"));
  expect(text.stdout).toContain("\n✗ redis-aof");
});

testWithRedis("clocks apart, by the clock of this machine", async () => {
  using dir = scratch();
  await using _ = await started(dir.path);
  const times = { clock: new SystemClock(), wall: () => new Date(Date.now() - 60_000) };
  const place = { shown: "s", options: { path: dir.file("s") } };
  const checks = await examineRedis(place, new AbortController().signal, times);
  expect(checks.find(({ id }) => id === "redis-clock")).toMatchObject({
    status: "warned",
    found: expect.stringMatching(/^the server is (5[5-9]|6[0-5])\.\d{3} s ahead of this machine/),
  });
});

testWithRedis("what an ACL refuses is warned of; the password is in the variable, and nowhere else", async () => {
  using dir = scratch();
  const user = ["--user", "rig", "on", ">hunter2-hunter2", "+ping", "+info"];
  await using _ = await started(dir.path, user);
  const place = { shown: "s", options: { path: dir.file("s"), username: "rig", password: "hunter2-hunter2" } };
  const checks = await examineRedis(place, new AbortController().signal);
  expect(checks.filter(({ status }) => status === "warned")).toMatchObject([
    {
      id: "redis-clock",
      found: expect.stringMatching(/^TIME is refused: NOPERM/),
      advice: expect.stringContaining("date"),
    },
  ]);
  expect(JSON.stringify(checks)).not.toContain("hunter2");
});

test("a server that is not there: one failed, the others do not apply, exit 2", async () => {
  using dir = scratch();
  const { code, stdout } = await st67hil(["doctor", "--json", "--redis", `unix:${dir.path}/s`]);
  expect(code).toBe(2);
  const [reach, ...others] = told(stdout);
  expect(reach).toEqual(["redis-reach", "failed", expect.stringContaining("connect ENOENT")]);
  expect(others).toEqual(IDS.slice(1).map((id) => [id, "not-applicable", "the server is not reached"]));
});

test("called off while a server is silent", async () => {
  using dir = scratch();
  const server = createServer((socket) => void socket.on("error", () => undefined)).listen(dir.file("s"));
  await once(server, "listening");
  const stop = new AbortController();
  const place = { shown: "s", options: { path: dir.file("s") } };
  const examined = examineRedis(place, stop.signal);
  stop.abort(new Error("enough"));
  await expect(examined).rejects.toThrow("enough");
  await once(server.close(), "close");
});

test.each([
  [["--redis", "redis://u:hunter2@h"], "a URL with a password is taken from ST67_HIL_REDIS alone"],
  [["redis://u:hunter2@h"], "Unknown argument: redis:***@h"],
  [["--redis", "redis://h", "--redis", "redis://u:hunter2@h"], "--redis: given more than once"],
  [["--redis", "h:6379"], "--redis: expected redis://HOST:PORT"],
])("%j is refused before anything is looked at", async (args, expected) => {
  const { code, stdout, stderr } = await st67hil(["doctor", ...args]);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(expected) });
  expect(stderr).not.toContain("hunter2");
});

test("--redis without a value means the variable", async () => {
  using dir = scratch();
  const env = { ST67_HIL_REDIS: `unix:${dir.path}/s` };
  const given = await asProcess(["doctor", "--redis", "--json"], { env });
  expect([given.code, told(given.stdout)[0]?.[1]]).toEqual([2, "failed"]);
  const unset = await asProcess(["doctor", "--redis", "--json"], { env: { ST67_HIL_REDIS: "" } });
  expect([unset.code, JSON.parse(unset.stdout).error.code]).toEqual([2, "USAGE"]);
  const without = await asProcess(["doctor", "--json"], { env });
  expect([without.code, told(without.stdout)]).toEqual([0, []]);
});
