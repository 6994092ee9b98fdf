import { expect, test } from "@jest/globals";
import type { JobState } from "../../harness/farm/job-state.js";
import type { RigRecord } from "../../harness/farm/messages.js";
import { Watch } from "../../harness/farm/watch.js";

const EVERY_MS = 500;

const record = (rig: string, beat: number, at?: { job: number; delivery: number }): RigRecord => ({
  ...{ rig, agent: "a", host: "h", pid: 1, harness: "0", state: "healthy", beat },
  ...{ since: "2026-11-28T00:00:00.000Z", has: ["lines"], simulated: false },
  ...(at !== undefined && { work: { run: "r", ...at, since: "2026-11-28T00:00:00.000Z" } }),
});

const state = (more: Partial<JobState> = {}): JobState => ({
  job: { id: 3, needs: [], cases: [] },
  ...{ isConclusion: false, phase: "held", delivery: 1, rig: "one", isBegun: true },
  ...{ avoid: new Set<string>(), refusals: new Map<string, string>(), givenBack: undefined, fruitless: 0, ...more },
});

/** Looks every so often, from 0 on. */
function looking(): { watch: Watch; look: (...rigs: RigRecord[]) => void; wait: (ms: number) => void } {
  const watch = new Watch("r", EVERY_MS);
  let nowMs = 0;
  const look = (...rigs: RigRecord[]) => {
    watch.look(rigs, nowMs);
    nowMs += EVERY_MS;
  };
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { watch, look, wait };
}

const AT = { job: 3, delivery: 1 };

test("a rig that was there is gone when it is not, and as it was", () => {
  const { watch, look } = looking();
  look(record("one", 1), record("two", 1));
  expect(watch.gone).toEqual([]);
  look(record("one", 2));
  expect(watch.gone).toEqual([record("two", 1)]);
  look(record("one", 3), record("two", 1));
  expect(watch.gone).toEqual([]);
});

test("a rig is seen at its job by each new beat, and else not", () => {
  const { watch, look } = looking();
  look(record("one", 1, AT));
  expect(watch.isSeen(state())).toBe(true);
  look(record("one", 1, AT));
  expect(watch.isSeen(state())).toBe(false);
  look(record("one", 2, AT));
  expect(watch.isSeen(state())).toBe(true);
  look(record("one", 3));
  expect(watch.isSeen(state())).toBe(false);
  look(record("two", 1, AT));
  expect([watch.isSeen(state()), watch.isTaken(state())]).toEqual([false, true]);
  look(record("one", 4, { job: 3, delivery: 2 }));
  expect([watch.isSeen(state()), watch.isTaken(state())]).toEqual([false, false]);
});

test("another life of an agent is a sign of life, though it counts anew", () => {
  const { watch, look } = looking();
  look(record("one", 1, AT));
  look({ ...record("one", 1, AT), agent: "b" });
  expect(watch.isSeen(state())).toBe(true);
});

test("how long a job is left alone counts from the first look that finds it so", () => {
  const { watch, look } = looking();
  look();
  expect(watch.alone(state(), "unseen")).toBe(0);
  look();
  look();
  expect(watch.alone(state(), "unseen")).toBe(2 * EVERY_MS);
  watch.attended(state(), "unseen");
  expect(watch.alone(state(), "unseen")).toBe(0);
});

test("how long it waited in its queue is not held against the rig that has begun it, nor one delivery against the next", () => {
  const { watch, look } = looking();
  const { rig: _, ...queued } = state({ phase: "waiting", isBegun: false });
  look();
  watch.alone({ ...queued, rig: undefined }, "untold");
  look();
  look();
  expect(watch.alone(state(), "unseen")).toBe(0);
  look();
  expect(watch.alone(state({ delivery: 2 }), "unseen")).toBe(0);
});

test("while nobody could look, nothing is held against anybody", () => {
  const { watch, look, wait } = looking();
  look();
  watch.alone(state(), "unseen");
  wait(60_000);
  look();
  expect(watch.alone(state(), "unseen")).toBe(EVERY_MS);
});
