import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { exchangesOf } from "../../harness/trace/conversation.js";
import { readTrace } from "../../harness/trace/read.js";
import { labels, own, runScenarios } from "../support/lane-run.js";
import { scratch } from "../support/scratch.js";

const ENDS = `
    const { rom } = await openSession();
    await rom.request("getBootInfo", {}, deadline);
    if (label === "exits") process.exit(0);
    if (label === "is-killed") process.kill(process.pid, "SIGKILL");
    if (label === "is-killed") await new Promise(() => setInterval(() => undefined, 1000));`;

test("the trace of a case whose process ended is told: whole by an exit, to its last mark by a kill; of one that passed it goes", async () => {
  using folder = scratch();
  const text = own("own", ENDS, labels("exits", "is-killed", "passes"));
  const run = await runScenarios(folder, { own: text }, ["--traces", "failed"]);
  const attached = run.events.filter(({ type }) => type === "attachment");
  expect(attached.map(({ case: name, name: file }) => [name, file])).toEqual([
    ["own exits", "trace.jsonl"],
    ["own is-killed", "trace.jsonl"],
  ]);
  const order = run.events.map(({ type }) => type).filter((type) => type === "attachment" || type === "case.ended");
  expect(order).toEqual(["attachment", "case.ended", "attachment", "case.ended", "case.ended"]);
  const ends = attached.map(({ file }) => {
    const { records, isCut } = readTrace(join(run.out, String(file)));
    const last = exchangesOf(records).at(-1);
    return [isCut, last?.kind === "command" && last.name];
  });
  expect(ends).toEqual([
    [true, "getBootInfo"],
    [true, "flashReadJedec"],
  ]);
  expect(existsSync(join(run.out, "cases/own-passes"))).toBe(false);
});
