import { closeSync, fsyncSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { fileName } from "../../rigs/guard/lock.js";
import { openShared } from "../../rigs/guard/shared-file.js";
import { sharedFolder } from "../../rigs/guard/shared-folder.js";
import { HarnessError } from "../base/errors.js";
import { tryFlock } from "../native/flock.js";
import { KEYS } from "./keys.js";

/** All that a rig's file holds of a number, in bytes. */
const MOST_BYTES = 20;
/** A farm that gives out a thousand a second comes to it in 30 000 years. What is above was not counted, and is no exact number soon. */
const HIGHEST = 999_999_999_999_999;

/** The next number, and above ARGV[1] in any case. */
const NEXT = `local next = redis.call("incr", KEYS[1])
if next <= tonumber(ARGV[1]) then return redis.call("incrby", KEYS[1], ARGV[1] - next + 1) end
return next`;

/**
 * A new fencing number for work on a rig, above all that were seen there: a server that has forgotten all, or another one,
 * would begin anew, and nobody could work on the rig any more.
 */
export async function nextFence(client: Redis, rig: string, folder = sharedFolder()): Promise<number> {
  const file = openShared(folder, nameOf(rig));
  try {
    const next = Number(await client.eval(NEXT, 1, KEYS.fence, String(seenIn(file))));
    if (next > 0 && next <= HIGHEST) return next;
    throw new HarnessError("REDIS_UNUSABLE", `${KEYS.fence}: expected 1 to ${HIGHEST}, got ${next}`, {
      advice: `Somebody has set it: delete that key of the farm's server, and ${join(folder, nameOf(rig))}, while no agent of ${rig} works.`,
    });
  } finally {
    closeSync(file);
  }
}

/**
 * Remembers beside the rig's lock that `fence` has begun to work on it. Numbers are given out once, and rise: who comes with
 * one that is not above all that were seen here stood still while another one went on, and nobody needs to be asked.
 *
 * @throws HarnessError RIG_LEASE_LOST; FILE_UNWRITABLE.
 */
export function raiseFence(rig: string, fence: number, folder = sharedFolder()): void {
  const file = openShared(folder, nameOf(rig));
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

const nameOf = (rig: string): string => `${fileName({ kind: "rig", name: rig })}.fence`;

/** What is no number, as a write that a full disk cut off, has been seen by nobody. */
function seenIn(file: number): number {
  const bytes = Buffer.alloc(MOST_BYTES);
  const text = bytes.toString("utf8", 0, readSync(file, bytes, 0, MOST_BYTES, 0)).trim();
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
