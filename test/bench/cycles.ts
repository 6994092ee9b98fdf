import { spawnSync } from "node:child_process";
import { peakMibIn, TELL_PEAK } from "./peak.js";

const PROGRAM = "dist/harness/cli/main.js";

export interface CycleCosts {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** In use after a collection: after 1000 cycles, and at the end. */
  readonly earlyMib: number;
  readonly lateMib: number;
  /** Resident at most. */
  readonly peakMib: number;
}

/** What so many reflash cycles cost, on one simulated module in one process, which finds its files compiled. */
export function cycleCosts(count: number): CycleCosts {
  cycling(1);
  return cycling(count);
}

function cycling(count: number): CycleCosts {
  const args = ["--expose-gc", "--import", "jiti/register", "test/bench/cycling.ts", String(count)];
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
