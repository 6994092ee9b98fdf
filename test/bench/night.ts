import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { scratch } from "../support/scratch.js";

const PROGRAM = "dist/harness/cli/main.js";

/** A night over every edge between six firmwares, all of it traced: what its reports cost to write again, and the page's size. */
export function nightCosts(): { seconds: number; pageMb: number } {
  using folder = scratch();
  const night = folder.file("night");
  told("run", "--suite", "nightly", "--profile", "t01,t02,mfg", "--out", night);
  const began = performance.now();
  told("report", night);
  return {
    seconds: (performance.now() - began) / 1000,
    pageMb: statSync(`${night}/report.html`).size / 1e6,
  };
}

function told(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`st67-hil ${args.join(" ")} ended with ${status}: ${stderr.slice(0, 500)}`);
}
