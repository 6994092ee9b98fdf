import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { writePieces } from "../../harness/base/files.js";
import { scratch } from "../support/scratch.js";
import { longNight } from "./long-night.js";
import { peakMibIn, TELL_PEAK } from "./peak.js";

const PROGRAM = "dist/harness/cli/main.js";

function* linesOf(cases: number): Generator<string> {
  for (const event of longNight(cases)) yield `${JSON.stringify(event)}\n`;
}

interface Cost {
  readonly seconds: number;
  readonly peakMib: number;
}

function costOf(...args: readonly string[]): Cost {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["--import", TELL_PEAK, PROGRAM, ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`st67-hil ${args.join(" ")} ended with ${status}: ${stderr.slice(0, 500)}`);
  return { seconds: (performance.now() - start) / 1000, peakMib: peakMibIn(stderr) };
}

/** What it costs to report, and to merge, a run of so many cases: attachments that are missing make no difference. */
export function reportCosts(cases: number): { report: Cost; merge: Cost; junitMb: number; pageMb: number } {
  using folder = scratch();
  writePieces(folder.file("events.jsonl"), linesOf(cases));
  const report = costOf("report", folder.path);
  const junitMb = statSync(folder.file("junit.xml")).size / 1e6;
  const pageMb = statSync(folder.file("report.html")).size / 1e6;
  using out = scratch();
  return { pageMb, report, merge: costOf("report", "merge", "--out", out.file("merged"), folder.path), junitMb };
}
