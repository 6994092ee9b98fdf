import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PROGRAM = "dist/harness/cli/main.js";

/** Runs a command, whatever it comes to. */
export function commandOf(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" });
  if (status === null || status > 1) throw new Error(`st67-hil ${args.join(" ")} ended with ${status}: ${stderr}`);
}

/** Four runs on the simulated module, one after the other in one history; the page of each. */
export function nightIn(folder: string): Record<"good" | "bad" | "stress" | "cut", string> {
  const at = (name: string) => join(folder, name);
  commandOf(["run", "--suite", "nightly", "--out", at("good")]);
  commandOf(["run", "--suite", "nightly", "--out", at("bad"), "--set", "sim.quirks.t01Reflash=true"]);
  commandOf(["stress", "identify", "--out", at("stress")]);
  cutOff(at("cut"), readFileSync(join(at("good"), "events.jsonl"), "utf8"));
  commandOf(["report", at("cut")]);
  const page = (name: string) => join(at(name), "report.html");
  return { good: page("good"), bad: page("bad"), stress: page("stress"), cut: page("cut") };
}

/** The journal of a run that was killed amidst its sixth case. */
function cutOff(folder: string, journal: string): void {
  const lines = journal.split("\n");
  const sixth = lines.findIndex((line, index) => line.includes('"case.started"') && startsBefore(lines, index) === 5);
  mkdirSync(folder);
  writeFileSync(join(folder, "events.jsonl"), `${lines.slice(0, sixth + 20).join("\n")}\n`);
}

const startsBefore = (lines: readonly string[], index: number): number =>
  lines.slice(0, index).filter((line) => line.includes('"case.started"')).length;
