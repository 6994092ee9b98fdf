import type { Deadline } from "../base/time.js";
import type { ReadyInput } from "../base/wire.js";

/** A frame's SPI_RDY moves within a fraction of a millisecond: it is looked at finely for so long, then now and then. */
const FINE_MS = 20;
const FINE_STEP_MS = 0.25;
const STEP_MS = 2;

/**
 * Waits until SPI_RDY is at this level, for `ms` and as long as `deadline` allows; looks at once.
 *
 * @returns whether it came to be. @throws only what the line throws, and when the work is called off.
 */
export async function reaches(ready: ReadyInput, level: boolean, ms: number, deadline: Deadline): Promise<boolean> {
  const { clock } = deadline;
  const start = clock.now();
  const end = start + Math.min(ms, deadline.remainingMs);
  for (;;) {
    if ((await ready.read()) === level) return true;
    const left = end - clock.now();
    if (left <= 0) return false;
    const step = clock.now() - start < FINE_MS ? FINE_STEP_MS : STEP_MS;
    await clock.sleep(Math.min(step, left), deadline.signal);
  }
}
