import { existsSync } from "node:fs";
import { expect } from "@jest/globals";
import { redisServer } from "../support/redis.js";
import { testWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

testWithRedis.each<[string, NodeJS.Signals | undefined]>([
  ["at work", undefined],
  ["stopped", "SIGSTOP"],
  ["killed already", "SIGKILL"],
])(`a server of a test that throws is gone, with its folder: %s${WITHOUT_REDIS}`, async (_, signal) => {
  let [pid, socket] = [0, ""];
  const failing = async () => {
    await using server = await redisServer();
    [pid, socket] = [server.pid, server.socket];
    expect({ alive: isAlive(pid), there: existsSync(socket) }).toEqual({ alive: true, there: true });
    if (signal !== undefined) await server.kill(signal);
    throw new Error("the test fails");
  };
  await expect(failing()).rejects.toThrow("the test fails");
  expect({ alive: isAlive(pid), there: existsSync(socket) }).toEqual({ alive: false, there: false });
});
