import type { StrapPoint, StrapTiming } from "../base/strap-timing.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { tryStrap } from "../session/strap-point.js";
import { type Drive, withTold } from "./drives.js";

/** Tries one strap sequence. That lines were driven is told when it is over: to tell it takes longer than a short pulse. */
export async function strapPoint(
  rig: Rig,
  timing: StrapTiming,
  deadline: Deadline,
  told: (drive: Drive) => void,
): Promise<StrapPoint> {
  const drives: Drive[] = [];
  try {
    return await tryStrap(
      withTold(rig, (drive) => drives.push(drive)),
      timing,
      deadline,
    );
  } finally {
    for (const drive of drives) told(drive);
  }
}
