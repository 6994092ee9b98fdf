import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { AgentParts, RigAtWork } from "../../harness/farm/agent-parts.js";
import { pruneJournals, runFolderOf, runIn } from "../../harness/farm/old-journals.js";
import { Sessions } from "../../harness/farm/sessions.js";
import { WearBudget } from "../../harness/history/wear-budget.js";
import { fileName } from "../../rigs/guard/lock.js";
import { scratch } from "../support/scratch.js";
import { begun, ended } from "./told.js";

const wallTime = "2026-11-28T02:00:00.000Z";

/** A run's folder with one rig's journal; `delivered`: number of the last event that was sent. */
function journal(
  out: string,
  runId: string,
  age: number,
  { delivered = 1, isEnded = true, rig = "rig-1" } = {},
): string {
  const name = runFolderOf({ runId, wallTime });
  const folder = join(out, name, rig);
  mkdirSync(folder, { recursive: true });
  const events = [begun("one", 0, 1), ...(isEnded ? [ended("one", 0, 1)] : [])];
  writeFileSync(
    join(folder, "events.jsonl"),
    events.map((event, seq) => `${JSON.stringify({ ...event, seq, atMs: 0 })}\n`).join(""),
  );
  writeFileSync(join(folder, "delivered"), `${delivered}\n`);
  utimesSync(join(out, name), age, age);
  return name;
}

test("a run's folder is called by its id and its time, and tells its id", () => {
  expect(runIn(runFolderOf({ runId: "night-8.1.2", wallTime }))).toBe("night-8.1.2");
  expect(runIn("history.sqlite")).toBeUndefined();
});

test("old runs go, but for one of which something is still to be told, and what is no run's", () => {
  using folder = scratch();
  const out = folder.path;
  mkdirSync(join(out, "somebody's"));
  const old = journal(out, "old", 100);
  const untold = journal(out, "untold", 50, { delivered: 0 });
  const open = journal(out, "open", 60, { isEnded: false });
  const young = [journal(out, "young", 300), journal(out, "younger", 400)];
  pruneJournals(out, 2);
  expect(readdirSync(out).sort()).toEqual([open, "somebody's", untold, ...young].sort());
  expect(readdirSync(out)).not.toContain(old);
});

test("a folder that is not there is no error", () => {
  using folder = scratch();
  pruneJournals(folder.file("none"));
  expect(readdirSync(folder.path)).toEqual([]);
});

test("what a former life did to the module is booked, also where it had told all of it", async () => {
  using folder = scratch();
  const out = folder.path;
  const rig = fileName({ kind: "rig", name: "one" });
  const ours = journal(out, "ours", 100, { rig });
  journal(out, "another's", 100);
  const booked: string[] = [];
  const atWork = { name: "one", book: async (path: string) => void booked.push(path) } as unknown as RigAtWork;
  await new Sessions(atWork, { out } as AgentParts).tellOld();
  expect(booked).toEqual([join(out, ours, rig)]);
});

test("what a former life of another version has not told is told, under whatever files", async () => {
  using folder = scratch();
  const rig = fileName({ kind: "rig", name: "one" });
  journal(folder.path, "r", 100, { rig, delivered: 0 });
  const order = {
    ...{ runId: "r", wallTime, harness: "0.0.1", scenarios: "a".repeat(64), seed: 1, asked: [], profiles: [] },
    ...{ versions: [], graceMs: 1, deafMs: 1, traces: "failed", retries: 0, night: false, jobs: [] },
    firmware: "b".repeat(64),
  };
  const sent: string[] = [];
  const parts = {
    out: folder.path,
    client: {
      get: async () => JSON.stringify(order),
      xadd: async (...[, , , json = ""]: readonly string[]) => void sent.push(JSON.parse(json).event.type),
    },
    clock: { now: () => 0, sleep: async () => undefined },
    self: { host: "pi" },
    ...{ harness: "0.1.0", scenarios: () => "shipped", now: () => wallTime, signal: new AbortController().signal },
    fetch: () => Promise.reject(new Error("nothing is put on a module")),
    tell: (text: string) => void sent.push(text),
  };
  const atWork = {
    ...{ name: "one", simulated: true, book: async () => undefined, wear: async () => new WearBudget([], []) },
    crew: () => () => undefined,
  };
  await new Sessions(atWork as unknown as RigAtWork, parts as unknown as AgentParts).tellOld();
  expect(sent).toEqual(["job.ended"]);
});
