import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import type { Fact } from "../../harness/base/events.js";
import type { Bay } from "../../harness/base/wire.js";
import { TraceBudget } from "../../harness/cli/run/traces.js";
import type { Keep } from "../../harness/run/context.js";
import { attemptFolder } from "../../harness/run/evidence.js";
import { expand } from "../../harness/run/matrix.js";
import { runCase } from "../../harness/run/runner.js";
import { type Bench, scenario } from "../../harness/run/scenario.js";
import { readTrace } from "../../harness/trace/read.js";
import { simBench } from "../support/bench.js";
import { type Scratch, scratch } from "../support/scratch.js";

async function run(folder: Scratch, keep: Keep, body: (bench: Bench) => Promise<void>, attempt = 1) {
  const { rig, clock } = simBench();
  const open = async () => ({ ...rig, [Symbol.asyncDispose]: async () => undefined });
  const bay: Bay = { name: "bench", labels: [], simulated: true, open };
  const facts: Fact[] = [];
  const emit = (fact: Fact) => void facts.push(fact);
  const [one] = expand(scenario({ name: "one", run: body }), { firmwares: [] }, undefined);
  if (one === undefined) throw new Error("a scenario without parameters is one case");
  const { signal } = new AbortController();
  const traces = { keep, harness: "0.1.0" };
  const ended = await runCase(one, bay, { clock, emit, signal, seed: 1, folder: folder.path, traces }, attempt);
  return { ended, attachments: facts.filter(({ type }) => type === "attachment"), facts };
}

const passes = async ({ step, openSession }: Bench) => void (await step("a look", () => openSession()));
const fails = async (bench: Bench) => {
  await passes(bench);
  throw new HarnessError("VERIFY_MISMATCH", "no");
};

test("a case's trace says what it was about, and is one of its files", async () => {
  using folder = scratch();
  const { attachments } = await run(folder, "all", passes);
  expect(attachments).toEqual([
    { type: "attachment", case: "one", name: "trace.jsonl", file: "cases/one/trace.jsonl" },
  ]);
  const { header, records, isCut } = readTrace(folder.file("cases/one/trace.jsonl"));
  expect({ ...header, isCut }).toMatchObject({ rig: "bench", simulated: true, side: "host", isCut: false });
  const marks = records.flatMap((each) =>
    each.type === "begin" || each.type === "end" ? [`${each.type} ${each.what} ${each.name}`] : [],
  );
  expect(marks.slice(0, 4)).toEqual([
    "begin case one",
    "begin step a look",
    "begin stage enter-rom",
    "end stage enter-rom",
  ]);
  expect(marks.slice(-3)).toEqual(["end stage set-para", "end step a look", "end case one"]);
});

test.each<[Keep, (bench: Bench) => Promise<void>, boolean]>([
  ["all", passes, true],
  ["all", fails, true],
  ["failed", passes, false],
  ["failed", fails, true],
])("--traces %s", async (keep, body, isKept) => {
  using folder = scratch();
  const { attachments } = await run(folder, keep, body);
  expect(attachments).toHaveLength(isKept ? 1 : 0);
  expect(existsSync(folder.file("cases/one"))).toBe(isKept);
});

test("what else a case has left stays where its trace goes", async () => {
  using folder = scratch();
  const { attachments } = await run(folder, "failed", async ({ attach }) => attach("trace.jsonl", "mine"));
  expect(readdirSync(folder.file("cases/one"))).toEqual(["trace-2.jsonl"]);
  expect(attachments).toMatchObject([{ name: "trace-2.jsonl" }]);
});

test("a later attempt has a trace of its own", async () => {
  using folder = scratch();
  await run(folder, "all", fails);
  const { attachments } = await run(folder, "all", passes, 2);
  expect(attachments).toMatchObject([{ file: "cases/one/attempt-2/trace.jsonl" }]);
  expect(existsSync(folder.file("cases/one/trace.jsonl"))).toBe(true);
});

test("no room for a trace is told, and the case goes on", async () => {
  using folder = scratch();
  mkdirSync(folder.file("cases/one/trace.jsonl"), { recursive: true });
  const { ended, facts, attachments } = await run(folder, "all", passes);
  expect({ verdict: ended.verdict, attachments }).toEqual({ verdict: "passed", attachments: [] });
  expect(facts.filter(({ type }) => type === "note")).toMatchObject([
    { trouble: true, message: expect.stringMatching(/^no trace: .*found a folder/) },
  ]);
});

test("from so many bytes on a run keeps what did not pass alone, which it tells once", () => {
  using folder = scratch();
  const warned: string[] = [];
  const attached = (name: string): Fact => {
    const file = join(attemptFolder(name, 1), "trace.jsonl");
    mkdirSync(dirname(folder.file(file)), { recursive: true });
    writeFileSync(folder.file(file), Buffer.alloc(1_000_000));
    return { type: "attachment", case: name, name: "trace.jsonl", file };
  };
  const budget = () => new TraceBudget(folder.path, "all", (message) => void warned.push(message), 2_500_000);
  const first = budget();
  const kept = ["a", "b", "c", "d"].map((name) => {
    first.hear(attached(name));
    return first.keep;
  });
  expect(kept).toEqual(["all", "all", "failed", "failed"]);
  expect(warned).toEqual(["the wire traces of this run take 3 MB: from here on those of cases that pass are not kept"]);
  // A run that goes on counts what it has.
  expect(budget().keep).toBe("failed");
  expect(first.left("a", 1)).toEqual([attached("a")]);
  expect(first.left("a", 2)).toEqual([]);
});
