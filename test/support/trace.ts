import type { Clock } from "../../harness/base/time.js";
import { Recorder } from "../../harness/trace/recorder.js";

export const SIDE = { harness: "0.1.0", rig: "sim", simulated: true, side: "host" } as const;

/** A recorder as a test wants it: one that ends early is a failure of the test. */
export const recorderTo = (path: string, clock: Clock): Recorder =>
  new Recorder(path, SIDE, clock, (why) => {
    throw new Error(why);
  });
