import { spawnSync } from "node:child_process";
import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { loadFirmware } from "../../harness/firmware/package.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { proveBoot } from "../../harness/flash/prove.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import type { Stage } from "../../harness/session/stage.js";
import { SimOptions } from "../../harness/sim/options.js";
import { simBench } from "../support/bench.js";
import { labels, own, scenariosIn } from "../support/lane-run.js";
import { scratch } from "../support/scratch.js";
import { cycleCosts, flashPeakMib } from "./cycles.js";
import { deltaCosts } from "./delta.js";
import { reportCosts } from "./reports.js";
import { runHeap } from "./run-heap.js";
import { traceCosts } from "./traces.js";

/** Prints one aligned row. */
const row = (name: string, value: string): void => console.log(`${name.padEnd(44)}${value}`);
const ms = (value: number): string => `${value.toFixed(1).padStart(10)} ms`;

/** (a) Where the module's time goes, against what line, flash and strap need at the least. */
async function fullFlash(): Promise<void> {
  const plan = planOf(loadFirmware(await openFirmware(undefined, true), "t01", "2.0.106"));
  const { rig, deadline, clock } = simBench();
  const stages: Stage[] = [];
  const observer = { stage: (stage: Stage) => void stages.push(stage) };
  const startReal = performance.now();
  const session = await openModule(rig, deadline, observer);
  await programModule(session, plan, deadline, observer);
  const flashed = clock.now();
  await proveBoot(rig, { profile: "t01", version: "2.0.106" }, deadline, observer);
  console.log("\n(a) T01 2.0.106, synthetic, on the simulated module: the module's time");
  for (const { stage, ms: took } of stages) row(`  ${stage}`, ms(took));
  const floor = floorOf(plan);
  row("  enter, program and verify, in all", ms(flashed));
  row("  floor: line + program + erase + SHA + strap", ms(floor));
  row("  over the floor", `${((100 * (flashed - floor)) / floor).toFixed(1).padStart(10)} %`);
  row("  our own time for all of it", ms(performance.now() - startReal));
  row("  st67-hil flash of it, peak RSS", `${flashPeakMib().toFixed(0).padStart(10)} MiB`);
}

function floorOf({ steps }: Plan): number {
  const { flash } = SimOptions.parse({});
  const strapMs = 200;
  return steps.reduce((sum, step) => {
    if (step.op === "erase-chip") return sum + flash.chipEraseMs;
    if (step.op === "verify") return sum + (1000 * step.bytes) / flash.shaBytesPerSec;
    if (step.op !== "write") return sum;
    return sum + (step.payload.length * 10_000) / 2_000_000 + Math.ceil(step.bytes / 256) * flash.pageMs;
  }, strapMs);
}

/** (b) How many cycles a stress run over the simulator gets through, each of them verified and booted, and whether it grows. */
function cycles(count: number): void {
  const { seconds, cpuSeconds, earlyMib, lateMib, peakMib } = cycleCosts(count);
  console.log(`\n(b) ${count} reflash cycles of boot2, table and a firmware of 64 KiB, in a process of their own`);
  row("  cycles a second", (count / seconds).toFixed(1).padStart(10));
  row("  a cycle: wall, and CPU", `${ms((1000 * seconds) / count)}, ${((1000 * cpuSeconds) / count).toFixed(1)} ms`);
  row("  heap after 1000, and at the end", `${earlyMib.toFixed(1)} and ${lateMib.toFixed(1)} MiB`);
  row("  peak RSS", `${peakMib.toFixed(0).padStart(10)} MiB`);
}

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0).padStart(4);

/** (c) What it costs to start: the median of 15. */
function startUp(): void {
  console.log("\n(c) start-up");
  row("  node -e 0", ms(median(15, "-e", "0")));
  row("  st67-hil --version", ms(median(15, PROGRAM, "--version")));
}

/** (d) What it costs that a case runs in a process of its own rig, and what a scenario costs that ends it. */
function lanes(): void {
  using folder = scratch();
  let runs = 0;
  const took = (...args: string[]): number => {
    const all = Array.from({ length: 5 }, () => time(PROGRAM, "run", ...args, "--out", folder.file(`run-${runs++}`)));
    return middle(all);
  };
  const good = own("own", "", labels("a", "b", "c", "d"));
  const bad = own("own", "process.exit(0);", labels("a", "b", "c", "d"));
  const [identify, more] = [took("identify"), took("identify", "--repeat", "21")];
  const kept = took(...scenariosIn(folder, { own: good }).slice(1));
  const lost = took(...scenariosIn(folder, { own: bad }).slice(1));
  console.log("\n(d) lane processes, on the simulated module");
  row("  st67-hil run identify, whole", ms(identify));
  row("  one more case in the same lane", ms((more - identify) / 20));
  row("  one more lane, after one that was lost", ms((lost - kept) / 3));
}

/** (e) What it costs to render a long run, in a process of its own: of a case it holds the entry alone. */
function reports(): void {
  console.log("\n(e) reports of a long run");
  for (const cases of [2000, 20_000]) {
    const { report, merge, junitMb } = reportCosts(cases);
    const cost = ({ seconds, peakMib }: typeof report) =>
      `${seconds.toFixed(1).padStart(10)} s, ${peakMib.toFixed(0)} MiB`;
    row(`  ${cases} cases: JUnit, time and peak RSS`, `${cost(report)}, ${junitMb.toFixed(1)} MB`);
    row(`  ${cases} cases: merged`, cost(merge));
  }
}

/** (f) Whether the process that judges grows with the cases of a run. */
async function longRun(count: number): Promise<void> {
  const { early, late, ms: took } = await runHeap(count);
  console.log(`\n(f) a run of ${count} short cases`);
  row("  heap after 1000, and near its end", `${mib(early)} and ${mib(late)} MiB`);
  row("  a case", ms(took / count));
}

/** (g) What it costs to record a flash, of our CPU time: the simulated module's part of that is in both. */
async function traces(): Promise<void> {
  const plan = planOf(loadFirmware(await openFirmware(undefined, true), "t01", "2.0.106"));
  const { withoutMs, moreMs, aloneMs, flashMs, bytes } = await traceCosts(plan, 11);
  const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(2)} %`;
  console.log("\n(g) a trace of T01 2.0.106: 11 pairs, with and without it in turn");
  row("  CPU without it", ms(withoutMs));
  row("  more with it: quartiles and median", moreMs.map((each) => each.toFixed(1)).join(", "));
  row("  its records alone, written down again", ms(aloneMs));
  row("  of the CPU, and of the time of the flash", `${percent(aloneMs, withoutMs)}, ${percent(aloneMs, flashMs)}`);
  row("  on disk", `${(bytes / 1e6).toFixed(2).padStart(10)} MB`);
}

/** (h) What a flash by what differs takes of the module's time, against what it may. */
async function delta(): Promise<void> {
  const { wholeMs, identicalMs, identicalBoundMs, oneSectorMs, oneSectorBoundMs } = await deltaCosts();
  console.log("\n(h) T01 2.0.106 with --delta, entering included");
  row("  over another firmware: the whole", ms(wholeMs));
  row("  over itself, and at most", `${ms(identicalMs)}, ${ms(identicalBoundMs)}`);
  row("  one sector of littlefs changed, and at most", `${ms(oneSectorMs)}, ${ms(oneSectorBoundMs)}`);
}

const PROGRAM = "dist/harness/cli/main.js";
const middle = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
const median = (count: number, ...args: string[]): number => middle(Array.from({ length: count }, () => time(...args)));

/** Of one process of node, whatever its exit code is. */
function time(...args: string[]): number {
  const start = performance.now();
  spawnSync(process.execPath, args);
  return performance.now() - start;
}

await fullFlash();
cycles(Number(process.argv[2] ?? 10_000));
startUp();
lanes();
reports();
await longRun(20_000);
await traces();
await delta();
