import { spawnSync } from "node:child_process";
import { buildSync } from "esbuild";
import { peakMibIn, TELL_PEAK } from "./peak.js";

const PROGRAM = "dist/harness/cli/main.js";
/** In reach of the packages. */
const CYCLING = "node_modules/.cache/bench/cycling.mjs";

export interface CycleCosts {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** In use after a collection: after 1000 cycles, and at the end. */
  readonly earlyMib: number;
  readonly lateMib: number;
  /** Resident at most. */
  readonly peakMib: number;
}

/**
 * What so many reflash cycles cost, on one simulated module in one process. Compiled before, as what is built is: with jiti
 * every call from one file into another asks for what it calls, which costs a fifth of the cycles.
 */
export function cycleCosts(count: number): CycleCosts {
  const entryPoints = ["test/bench/cycling.ts"];
  buildSync({
    entryPoints,
    outfile: CYCLING,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
  });
  const args = ["--expose-gc", CYCLING, String(count)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${count} cycles ended with ${status}: ${stderr.slice(0, 500)}`);
  return JSON.parse(stdout) as CycleCosts;
}

/** What `st67-hil flash` of a whole T01 holds at most, in MiB. */
export function flashPeakMib(): number {
  const args = ["--import", TELL_PEAK, PROGRAM, "flash", "--profile", "t01", "--fw-version", "2.0.106"];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`st67-hil flash ended with ${status}: ${stderr.slice(0, 500)}`);
  return peakMibIn(stderr);
}
