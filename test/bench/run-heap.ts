import { spawn } from "node:child_process";
import { own, scenariosIn } from "../support/lane-run.js";
import { preloaded } from "../support/preloaded.js";
import { scratch } from "../support/scratch.js";

const PROGRAM = "dist/harness/cli/main.js";
/** On SIGUSR2 the process collects its garbage and tells what is left. Until then it has no flag that others do not have. */
const HOOK = `
  import { setFlagsFromString } from "node:v8";
  import { runInNewContext } from "node:vm";
  process.on("SIGUSR2", () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc");
    gc();
    gc();
    process.stderr.write(\`heap \${process.memoryUsage().heapUsed}\\n\`);
  });`;
const EARLY = 1000;

/**
 * What the process that judges holds after `EARLY` short cases, and when nearly all of `count` have been run, each after a
 * collection.
 *
 * @returns bytes of its heap.
 */
export async function runHeap(count: number): Promise<{ early: number; late: number; ms: number }> {
  using folder = scratch();
  const parameters = `parameters: () => Array.from({ length: ${count} }, (_, index) => ({ label: String(index) })),`;
  const args = scenariosIn(folder, { own: own("own", 'measure("one", 1, "ms");', parameters) });
  const hooked = [...preloaded(HOOK), PROGRAM];
  const start = performance.now();
  const child = spawn(process.execPath, [...hooked, ...args, "--out", folder.file("run")]);
  const heaps: number[] = [];
  let ended = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const before = ended;
    ended += text.split("passed   own").length - 1;
    for (const moment of [EARLY, count - EARLY]) if (before < moment && ended >= moment) child.kill("SIGUSR2");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    heaps.push(...[...text.matchAll(/heap (\d+)/g)].map(([, bytes]) => Number(bytes)));
  });
  await new Promise((done) => child.on("close", done));
  const [early = Number.NaN, late = Number.NaN] = heaps;
  return { early, late, ms: performance.now() - start };
}
