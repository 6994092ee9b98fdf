import { closeSync, fsyncSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { fileName } from "../../rigs/guard/lock.js";
import { openShared } from "../../rigs/guard/shared-file.js";
import { sharedFolder } from "../../rigs/guard/shared-folder.js";
import { HarnessError } from "../base/errors.js";
import { tryFlock } from "../native/flock.js";

const MOST_DIGITS = 20;

/**
 * Remembers beside the rig's lock that `fence` has begun to work on it. Numbers are given out once, and rise: who comes with
 * one that is not above all that were seen here stood still while another one went on, and nobody needs to be asked.
 *
 * @throws HarnessError RIG_LEASE_LOST; FILE_UNWRITABLE.
 */
export function raiseFence(rig: string, fence: number, folder = sharedFolder()): void {
  const file = openShared(folder, `${fileName({ kind: "rig", name: rig })}.fence`);
  try {
    if (!tryFlock(file)) throw new HarnessError("RIG_BUSY", `${rig}: another agent begins to work on it`);
    const seen = seenIn(file);
    if (fence <= seen)
      throw new HarnessError("RIG_LEASE_LOST", `${rig}: fencing number ${fence} comes after ${seen}: it is too late`);
    ftruncateSync(file);
    writeSync(file, `${fence}\n`, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** What is no number, as a write that a full disk cut off, has been seen by nobody. */
function seenIn(file: number): number {
  const bytes = Buffer.alloc(MOST_DIGITS);
  const text = bytes.toString("utf8", 0, readSync(file, bytes, 0, MOST_DIGITS, 0)).trim();
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
