import type { WatchdogJob } from "./watchdog.js";

/** Signals are for the one who drives; this process ends with its job. First of all: until here they would end it. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

// Loaded before it is needed: then it takes no time.
const [{ rescue }, { SystemClock }, { ENDED_WELL }] = await Promise.all([
  import("./rescue.js"),
  import("../harness/base/time.js"),
  import("./watchdog.js"),
]);

const [line = "", word] = (await heard()).split("\n");
// Without a whole first line no line was touched: it is sent before a rig is opened.
if (word !== undefined && word !== ENDED_WELL) await rescue(JSON.parse(line) as WatchdogJob, new SystemClock());
process.exit(0);

/** All that comes until the other end is closed. */
async function heard(): Promise<string> {
  let text = "";
  try {
    for await (const piece of process.stdin.setEncoding("utf8")) text += piece;
  } catch {
    // A pipe that breaks has ended, too.
  }
  return text;
}
