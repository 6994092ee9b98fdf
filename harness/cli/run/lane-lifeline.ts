import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { SystemClock } from "../../base/time.js";

/** So long the process has for ending by itself, in ms. */
const GRACE_MS = 5000;

/**
 * A thread of a lane. The dispatcher holds the other end of this pipe, and it closes when the dispatcher dies, however
 * that happens. A scenario that never yields would not notice: this thread ends the process, and all that it started.
 */
const line = new Socket({ fd: workerData as number });
line.on("error", () => undefined).resume();
line.once("close", async () => {
  await new SystemClock().sleep(GRACE_MS);
  process.kill(-process.pid, "SIGKILL");
});
