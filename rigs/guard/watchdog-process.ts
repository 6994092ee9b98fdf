import type { WatchdogJob } from "./watchdog-job.js";

/** Signals are for the one who drives; this process ends with its job. First of all: until here they would end it. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

// Loaded before it is needed: then it takes no time.
const [{ rescue }, { prepareLines }, { SystemClock }, { ENDED_WELL, READY }] = await Promise.all([
  import("./rescue.js"),
  import("../lines/lone-lines.js"),
  import("../../harness/base/time.js"),
  import("./watchdog-job.js"),
]);

/** What is to be made safe. It is sent before a rig is opened: without a whole line of it no line was touched. */
let job: WatchdogJob | undefined;
let text = "";
// Whoever does not wait for the word has gone, or will.
process.stdout.on("error", () => undefined);
try {
  for await (const piece of process.stdin.setEncoding("utf8")) {
    text += piece;
    if (job !== undefined || !text.includes("\n")) continue;
    job = JSON.parse(text.slice(0, text.indexOf("\n"))) as WatchdogJob;
    // What cannot be loaded is told when it is needed.
    await prepareLines(job.config).catch(() => undefined);
    process.stdout.write(`${READY}\n`);
  }
} catch {
  // A pipe that breaks has ended, too; and a first line that is no job says that there is none.
}
const word = text.split("\n")[1];
if (job !== undefined && word !== ENDED_WELL) await rescue(job, new SystemClock());
process.exit(0);
