import { spawnSync } from "node:child_process";
import { labels, own, scenariosIn } from "../support/lane-run.js";
import { scratch } from "../support/scratch.js";
import { type Group, median, ms, PROGRAM } from "./figures.js";

/** What it costs that a case runs in a process of its own rig, and what a scenario costs that ends it. */
export function lanes(runs: number): Group {
  using folder = scratch();
  let count = 0;
  const took = (...args: string[]): number =>
    median(Array.from({ length: runs }, () => timeOfRun(...args, "--out", folder.file(`run-${count++}`))));
  const good = own("own", "", labels("a", "b", "c", "d"));
  const bad = own("own", "process.exit(0);", labels("a", "b", "c", "d"));
  const [identify, more] = [took("identify"), took("identify", "--repeat", "21")];
  const kept = took(...scenariosIn(folder, { own: good }).slice(1));
  const lost = took(...scenariosIn(folder, { own: bad }).slice(1));
  return {
    title: `lane processes, on the simulated module: median of ${runs}`,
    rows: [
      ms("st67-hil run identify, whole", identify),
      ms("one more case in the same lane", (more - identify) / 20),
      ms("one more lane, after one that was lost", (lost - kept) / 3),
    ],
  };
}

/** Whatever its exit code is: one of them is broken on purpose. */
function timeOfRun(...args: string[]): number {
  const start = performance.now();
  spawnSync(process.execPath, [PROGRAM, "run", ...args]);
  return performance.now() - start;
}
