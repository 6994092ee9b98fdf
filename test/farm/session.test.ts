import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import type { Fact, RunEvent } from "../../harness/base/events.js";
import type { Order } from "../../harness/farm/messages.js";
import { Session } from "../../harness/farm/session.js";
import { WearBudget } from "../../harness/history/wear-budget.js";
import type { Crew } from "../../harness/run/lanes/crew.js";
import { scratch } from "../support/scratch.js";
import { caseOf } from "./told.js";

const ORDER: Order = {
  ...{ runId: "r", wallTime: "2026-11-28T00:00:00.000Z", harness: "0", scenarios: "shipped", seed: 1, asked: [] },
  ...{ profiles: [], versions: [], graceMs: 1, deafMs: 1, traces: "failed", retries: 0, night: false, jobs: [] },
};
const AGAIN = { attempt: 1, elsewhere: true };
const clock = { now: () => 0, sleep: async () => undefined };
const blobs = { has: async () => false, put: async () => undefined, get: async () => undefined };

/** A session whose lane does `body` in each case, and what came to the run's stream of it. */
async function sessionIn(folder: string, body: (signal: AbortSignal) => void = () => undefined) {
  const sent: RunEvent[] = [];
  const begun: string[] = [];
  const xadd = async (...[, , , json = ""]: readonly string[]) => void sent.push(JSON.parse(json).event);
  const session = new Session({
    ...{ order: ORDER, rig: "one", simulated: true, host: "pi", wear: new WearBudget([], []) },
    wallTime: "2026-11-28T00:00:01.000Z",
    to: { client: { xadd } as unknown as Redis, clock, blobs, folder },
    crew: (emit, signal) => laneOf(emit, signal, body),
  });
  const work = async (delivery: number, ...names: readonly string[]) => {
    const cases = names.map((name) => ({ ...caseOf(name), ...AGAIN }));
    const of = { run: "r", job: 0, delivery, conclude: false, cases };
    await session.ready(of);
    return session
      .work(
        of,
        1,
        () => undefined,
        (name) => void begun.push(name),
      )
      .finally(() => session.drained());
  };
  return { session, sent, begun, work, types: () => sent.map(({ type }) => type) };
}

/** Of which each case passes, or is broken by why it was called off. */
function laneOf(emit: (fact: Fact, atMs: number) => void, signal: AbortSignal, body: (signal: AbortSignal) => void) {
  const lane: Pick<Crew, "load" | "open" | "run" | "end" | "nowMs" | "retired" | "unfit"> = {
    ...{ nowMs: 0, retired: false, unfit: undefined },
    load: async () => ({ cases: ["a", "b", "c"].map((name) => caseOf(name)), refused: [] }),
    open: async () => undefined,
    end: async () => undefined,
    run: async (one, { settle }) => {
      const place = { case: one.as, scenario: one.scenario, rig: "one" };
      emit({ type: "case.started", ...place, properties: {} }, 0);
      body(signal);
      emit({ type: "note", case: one.as, message: "it goes on" }, 0);
      const { code, message, blame, advice } = signal.reason ?? {};
      const broken = { verdict: "broken", fault: { code, message, blame, advice } } as const;
      const settled = settle(signal.aborted ? broken : { verdict: "passed" });
      if (settled.again) emit({ type: "case.retried", case: one.as, rig: "one", ...settled.outcome }, 0);
      else emit({ type: "case.ended", ...place, ...settled.outcome }, 0);
      return settled;
    },
  };
  return lane as Crew;
}

const journalOf = (folder: string): RunEvent[] =>
  readFileSync(`${folder}/events.jsonl`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("what stands in the journal is told, and nothing else", async () => {
  using folder = scratch();
  await using one = await sessionIn(folder.path).then(disposed);
  await expect(one.work(1, "a")).resolves.toEqual({ fault: undefined, retired: false });
  expect(one.sent).toEqual(journalOf(folder.path).slice(1));
  expect(one.types()).toEqual(["job.begun", "case.started", "note", "case.ended", "job.ended"]);
});

test("a job whose beginning cannot be written is refused: no case of it begins, and nothing of it is told", async () => {
  using folder = scratch();
  await using one = await sessionIn(folder.path).then(disposed);
  rmSync(folder.file("events.jsonl"));
  for (const delivery of [1, 2])
    await expect(one.work(delivery, "a")).rejects.toMatchObject({
      code: "FILE_UNWRITABLE",
      message: expect.stringContaining("events.jsonl: cannot be written"),
    });
  expect({ begun: one.begun, sent: one.sent }).toEqual({ begun: [], sent: [] });
});

test("a journal that is lost in a case: the case is for another rig, what is not on disk is not told", async () => {
  using folder = scratch();
  // As on a disk that is full: nothing of the case's end can be kept.
  await using one = await sessionIn(folder.path, () => rmSync(folder.file("events.jsonl"))).then(disposed);
  await expect(one.work(1, "a", "b")).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
  expect(one.begun).toEqual(["a"]);
  expect(one.types()).toEqual(["job.begun", "case.started", "note"]);
});

test("a journal that is in order again: all is told, in its order, before what comes next", async () => {
  using folder = scratch();
  const file = folder.file("events.jsonl");
  const foreign = "{}\n";
  await using one = await sessionIn(folder.path, () => appendFileSync(file, foreign)).then(disposed);
  await expect(one.work(1, "a")).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
  writeFileSync(file, readFileSync(file, "utf8").replace(foreign, ""));
  await expect(one.work(2)).resolves.toMatchObject({ fault: undefined });
  expect(one.sent).toEqual(journalOf(folder.path).slice(1));
  const deliveries = one.sent.flatMap((event) => (event.type === "job.ended" ? [event.delivery] : []));
  expect(deliveries).toEqual([1, 2]);
});

const disposed = <T extends { readonly session: Session }>(one: T) =>
  Object.assign(one, { [Symbol.asyncDispose]: () => one.session[Symbol.asyncDispose]() });
