import { getEventListeners } from "node:events";
import { expect, test } from "@jest/globals";
import { Inbox } from "../../harness/base/inbox.js";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { tick } from "../support/tick.js";

test("a real sleep is never short", async () => {
  const clock = new SystemClock();
  for (let round = 0; round < 20; round++) {
    const start = clock.now();
    await clock.sleep(3);
    expect(clock.now() - start).toBeGreaterThanOrEqual(3);
  }
});

test("a real sleep ends at once when it is called off", async () => {
  const abort = new AbortController();
  const sleep = new SystemClock().sleep(60_000, abort.signal);
  abort.abort(new Error("enough"));
  await expect(sleep).rejects.toThrow("enough");
});

test("a real sleep longer than a timer of node holds lasts, and no timer fires again and again meanwhile", async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error) => void warnings.push(warning);
  process.on("warning", hear);
  const abort = new AbortController();
  const sleep = new SystemClock().sleep(1e300, abort.signal);
  await new SystemClock().sleep(10);
  abort.abort(new Error("enough"));
  await expect(sleep).rejects.toThrow("enough");
  process.off("warning", hear);
  expect(warnings).toEqual([]);
});

test("work that ends in time gives its value and leaves nothing behind", async () => {
  const clock = new VirtualClock();
  const deadline = Deadline.in(100, "the work", clock);
  const work = clock.sleep(99.5).then(() => "done");
  await expect(deadline.race(work)).resolves.toBe("done");
  await clock.sleep(50);
  expect(clock.now()).toBe(149.5);
});

test("in real time, too, nothing is left of a race: no timer, and no listener", async () => {
  const abort = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const before = timers();
  const deadline = Deadline.in(60_000, "the work", new SystemClock(), abort.signal);
  await expect(deadline.race(Promise.resolve("done"))).resolves.toBe("done");
  await expect(deadline.race(Promise.reject(new Error("no")))).rejects.toThrow("no");
  await tick();
  expect(timers()).toBe(before);
  const late = deadline.race(new Promise(() => undefined));
  abort.abort(new Error("ctrl-c"));
  await expect(late).rejects.toThrow("ctrl-c");
  await expect(deadline.race(new Promise(() => undefined))).rejects.toThrow("ctrl-c");
  await tick();
  expect(timers()).toBe(before);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
});

test("work that is late is told with its name and budget", async () => {
  const clock = new VirtualClock();
  const late = Deadline.in(100, "the work", clock).race(clock.sleep(101));
  await expect(late).rejects.toMatchObject({ code: "COMMAND_TIMEOUT", message: "the work took longer than 100 ms" });
  expect(clock.now()).toBe(100);
});

test("a part never gets longer than the whole, and then the whole is what is late", async () => {
  const clock = new VirtualClock();
  const whole = Deadline.in(100, "the whole", clock, undefined, "CASE_TIMEOUT");
  expect(whole.within(200, "a part").remainingMs).toBe(100);
  await expect(whole.within(200, "a part").race(clock.sleep(500))).rejects.toMatchObject({ code: "CASE_TIMEOUT" });
});

test("a sleep that would outlast the deadline ends with it", async () => {
  const clock = new VirtualClock();
  await expect(Deadline.in(10, "the nap", clock).sleep(11)).rejects.toThrow("the nap took longer than 10 ms");
  expect(clock.now()).toBe(10);
});

test("called off: the reason comes through, at once", async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const deadline = Deadline.in(1e6, "the work", clock, abort.signal);
  void clock.sleep(50).then(() => abort.abort(new Error("ctrl-c")));
  await expect(deadline.race(clock.sleep(1e5))).rejects.toThrow("ctrl-c");
  expect(clock.now()).toBe(50);
});

test("an inbox keeps what comes between two reads, and gives up in time", async () => {
  const clock = new VirtualClock();
  const inbox = new Inbox();
  inbox.push(Uint8Array.of(1));
  inbox.push(Uint8Array.of(2));
  expect([...(await inbox.take(Deadline.in(10, "bytes", clock)))]).toEqual([1, 2]);
  void clock.sleep(5).then(() => inbox.push(Uint8Array.of(3)));
  expect([...(await inbox.take(Deadline.in(10, "bytes", clock)))]).toEqual([3]);
  await expect(inbox.take(Deadline.in(10, "bytes", clock))).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
});
