import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { loadFirmware } from "../../harness/firmware/package.js";
import { planOf } from "../../harness/flash/plan.js";
import { cycleCosts } from "./cycles.js";
import { deltaCosts } from "./delta.js";
import { farm } from "./farm.js";
import { busy, describeGroup, type Group, mib, missedIn, ms, type Row, rowOf, tellGroup } from "./figures.js";
import { fullRead } from "./full-read.js";
import { lanes } from "./lanes.js";
import { nightCosts } from "./night.js";
import { type BenchOptions, benchOptions } from "./options.js";
import { pacedFlash } from "./paced-flash.js";
import { reportCosts } from "./reports.js";
import { runHeap } from "./run-heap.js";
import { startUp } from "./start-up.js";
import { traceCosts } from "./traces.js";
import { virtualFlash } from "./virtual-flash.js";

/** By their letters; an argument names the ones that are wanted. */
const GROUPS: Readonly<Record<string, () => Group | Promise<Group>>> = {
  a: () => pacedFlash(runs, beside),
  b: virtualFlash,
  c: delta,
  e: () => cycles(10_000),
  f: startUp,
  g: reports,
  h: traces,
  i: () => fullRead(runs),
  j: () => lanes(runs),
  k: () => longRun(20_000),
  l: night,
  m: farm,
};

const { json, runs, groups, beside } = asked();

function asked(): BenchOptions {
  try {
    return benchOptions(process.argv.slice(2), Object.keys(GROUPS));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

/** What a flash by what differs comes to. */
async function delta(): Promise<Group> {
  const { wholeMs, identicalMs, identicalBoundMs, oneSectorMs, oneSectorBoundMs } = await deltaCosts();
  return {
    title: "T01 2.0.106 with --delta on the simulated module's clock, entering included",
    rows: [
      ms("over another firmware: the whole", wholeMs),
      ms("over itself", identicalMs, identicalBoundMs),
      ms("one sector of littlefs changed", oneSectorMs, oneSectorBoundMs),
    ],
  };
}

/** At least. A night of stress is some hours of them. */
const CYCLES_A_SECOND = 300;
/** 250 MB: a Raspberry Pi has 1 GB, and other work. */
const MOST_MIB = 250e6 / 2 ** 20;

/** How many cycles a stress run over the simulator gets through, each of them verified and booted, and whether it grows. */
function cycles(count: number): Group {
  const { seconds, cpuSeconds, earlyMib, lateMib, peakMib } = cycleCosts(count);
  return {
    title: `${count} reflash cycles of boot2, table and a firmware of 64 KiB, in a process of their own`,
    rows: [
      rowOf("cycles a second", count / seconds, ""),
      ms("a cycle", (1000 * seconds) / count, 1000 / CYCLES_A_SECOND),
      ms("of it CPU", (1000 * cpuSeconds) / count),
      mib("heap after 1000", earlyMib),
      mib("heap at the end", lateMib),
      mib("peak RSS", peakMib, MOST_MIB),
    ],
  };
}

/** What it costs to render a long run, in a process of its own: of a case it holds the entry alone. */
function reports(): Group {
  const rows = [2000, 20_000].flatMap((cases): Row[] => {
    const { report, merge, junitMb, pageMb } = reportCosts(cases);
    return [
      rowOf(`${cases} cases: all reports`, report.seconds, "s"),
      mib(`${cases} cases: all reports, peak RSS`, report.peakMib),
      rowOf(`${cases} cases: junit.xml`, junitMb, "MB"),
      rowOf(`${cases} cases: report.html`, pageMb, "MB"),
      rowOf(`${cases} cases: merged`, merge.seconds, "s"),
      mib(`${cases} cases: merged, peak RSS`, merge.peakMib),
    ];
  });
  return { title: "reports of a long run", rows };
}

/** What the page of a night costs: all reports of it, written again, and what a browser gets. */
function night(): Group {
  const { seconds, pageMb } = nightCosts();
  return {
    title: "reports of a traced night over 36 edges",
    rows: [rowOf("written again", seconds, "s", 5), rowOf("report.html", pageMb, "MB", 3)],
  };
}

/** What it costs to record a flash, of our CPU time: the simulated module's part of that is in both. */
async function traces(): Promise<Group> {
  const plan = planOf(loadFirmware(await openFirmware(undefined, true), "t01", "2.0.106"));
  const { withoutMs, moreMs, aloneMs, flashMs, bytes } = await traceCosts(plan, 11);
  const [lower, middle, upper] = moreMs;
  return {
    title: "a trace of T01 2.0.106: 11 pairs, with and without it in turn",
    rows: [
      ms("CPU without it", withoutMs),
      ms("more with it: lower quartile", lower),
      ms("more with it: median", middle),
      ms("more with it: upper quartile", upper),
      ms("its records alone, written down again", aloneMs),
      rowOf("of the CPU", (100 * aloneMs) / withoutMs, "%"),
      rowOf("of the time of the flash", (100 * aloneMs) / flashMs, "%"),
      rowOf("on disk", bytes / 1e6, "MB"),
    ],
  };
}

/** Whether the process that judges grows with the cases of a run. */
async function longRun(count: number): Promise<Group> {
  const { early, late, ms: took } = await runHeap(count);
  return {
    title: `a run of ${count} short cases`,
    rows: [
      mib("heap after 1000", early / 1024 / 1024),
      mib("heap near its end", late / 1024 / 1024),
      ms("a case", took / count),
    ],
  };
}

const told: [key: string, Group][] = [];
const load = busy();
if (load !== undefined && !json) console.log(load);
for (const [key, measure] of Object.entries(GROUPS)) {
  if (groups.length > 0 && !groups.includes(key)) continue;
  const group = await measure();
  told.push([key, group]);
  if (!json) console.log(tellGroup(key, group));
}
if (json) {
  const described = told.map(([key, group]) => describeGroup(key, group));
  console.log(JSON.stringify({ node: process.version, busy: load, runs, beside, groups: described }, undefined, 2));
}
process.exitCode = missedIn(told.map(([, group]) => group)) ? 1 : 0;
