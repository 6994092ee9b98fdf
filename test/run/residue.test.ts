import { createServer } from "node:net";
import { expect, test } from "@jest/globals";
import type { Clock } from "../../harness/base/time.js";
import { leftSince, traits } from "../../harness/run/lanes/residue.js";

test("nothing is left of what was closed, or has ended", async () => {
  const before = traits();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, done));
  const timer = setInterval(() => undefined, 1000);
  await new Promise<void>((done) => server.close(() => done()));
  clearInterval(timer);
  await expect(leftSince(before)).resolves.toEqual([]);
});

test("what is open is told, each kind once", async () => {
  const before = traits();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, done));
  const timers = [setInterval(() => undefined, 1000), setInterval(() => undefined, 1000)];
  await expect(leftSince(before)).resolves.toEqual(["TCPServerWrap", "Timeout"]);
  for (const timer of timers) clearInterval(timer);
  await new Promise<void>((done) => server.close(() => done()));
});

test("what is there at one look and not at the next is nobody's, beside what stays open", async () => {
  let nowMs = 0;
  let isThere = true;
  const clock: Clock = {
    now: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
      isThere = !isThere;
    },
  };
  const undo = swapped(process as unknown as Record<string, unknown>, "getActiveResourcesInfo", () =>
    isThere ? ["Immediate", "TCPServerWrap"] : ["TCPServerWrap"],
  );
  const before = new Map([...traits()].filter(([name]) => name !== "Immediate" && name !== "TCPServerWrap"));
  await expect(leftSince(before, false, clock).finally(undo)).resolves.toEqual(["TCPServerWrap"]);
});

test("a setTimeout that does nothing keeps nobody from looking at what is open", async () => {
  const before = traits();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, done));
  const undo = swapped(globalThis as unknown as Record<string, unknown>, "setTimeout");
  await expect(leftSince(before).finally(undo)).resolves.toEqual(["TCPServerWrap", "setTimeout"]);
  await new Promise<void>((done) => server.close(() => done()));
});

test.each([
  ["JSON.parse", () => swapped(JSON, "parse")],
  ["Object.prototype.verdict", () => swapped(Object.prototype as unknown as Record<string, unknown>, "verdict")],
  ["setTimeout", () => swapped(globalThis as unknown as Record<string, unknown>, "setTimeout")],
  ["Date", () => swapped(globalThis as unknown as Record<string, unknown>, "Date")],
  ["environment variable ST67_LEFT", () => swapped(process.env, "ST67_LEFT", "x")],
  ["umask", masked],
  ["listeners of exit", listening],
])("a %s that a case changed is told", async (name, change) => {
  const before = traits();
  const undo = change();
  const left = await leftSince(before).finally(undo);
  expect(left).toEqual([name]);
  await expect(leftSince(before)).resolves.toEqual([]);
});

function swapped(owner: object, key: string, value: unknown = () => undefined): () => void {
  const was = Object.getOwnPropertyDescriptor(owner, key);
  const usual = { configurable: true, enumerable: true, writable: true };
  Object.defineProperty(owner, key, { ...(was ?? usual), value });
  return () => {
    if (was === undefined) Reflect.deleteProperty(owner, key);
    else Object.defineProperty(owner, key, was);
  };
}

function masked(): () => void {
  const was = process.umask();
  process.umask(was ^ 0o700);
  return () => void process.umask(was);
}

function listening(): () => void {
  const listener = () => undefined;
  process.on("exit", listener);
  return () => void process.off("exit", listener);
}
