import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { HarnessError } from "./errors.js";
import { probe } from "./files.js";
import { unwritable } from "./unwritable.js";

/**
 * Makes a folder, and those above it that are missing. (Node 20's own `recursive` never ends where the system says
 * ENOENT, as under /proc.)
 *
 * @throws HarnessError FILE_UNWRITABLE with the system's reason.
 */
export function makeFolder(path: string): void {
  try {
    for (const folder of missingOf(path).missing) makeOne(folder);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Told before any work is done: whether files can be made in `path`, which need not be there yet.
 *
 * @throws HarnessError FILE_UNWRITABLE
 */
export function refuseUnwritableFolder(path: string): void {
  try {
    probe(missingOf(path).found);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** The nearest folder above that is there, and what is missing below it, from the top down. */
function missingOf(path: string): { found: string; missing: string[] } {
  const missing: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory()) return { found: folder, missing: missing.reverse() };
    if (found !== undefined)
      throw new HarnessError("FILE_UNWRITABLE", `${path}: expected a folder, but ${folder} is none (ENOTDIR)`);
    missing.push(folder);
  }
}

/** Another process may make it at the same moment. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
