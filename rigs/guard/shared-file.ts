import { closeSync, constants, fchmodSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { ourHands } from "../../harness/base/trust.js";
import { messageOf } from "../serial/port-trouble.js";
import { makeShared } from "./shared-folder.js";

const FILE_MODE = 0o666;
const FLAGS = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * Opens a file that every user of this machine may read and write, for reading and writing, and makes it and its folder
 * where they are missing. It is not inherited by children. No link is followed, of either kind: behind it is somebody's
 * file that has nothing to do with us.
 *
 * @throws HarnessError FILE_UNWRITABLE
 */
export function openShared(folder: string, name: string, hands = ourHands()): number {
  const path = join(folder, name);
  try {
    makeShared(folder, hands);
    return own(openExisting(path) ?? make(path) ?? openSync(path, FLAGS));
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    throw new HarnessError("FILE_UNWRITABLE", `${path}: cannot be opened: ${messageOf(cause)}`, {
      cause,
      advice: `Every user of a rig needs ${folder}, mode 1777, and files in it that all may write: when no st67-hil runs, remove what is in the way.`,
    });
  }
}

/** Without `O_CREAT`: with it the kernel refuses another user's file in such a folder (fs.protected_regular). */
const openExisting = (path: string): number | undefined => unless("ENOENT", () => openSync(path, FLAGS));

/** `undefined`: somebody else was faster. */
function make(path: string): number | undefined {
  const file = unless("EEXIST", () => openSync(path, FLAGS | constants.O_CREAT | constants.O_EXCL, FILE_MODE));
  if (file === undefined) return undefined;
  return orClosed(file, () => fchmodSync(file, FILE_MODE));
}

/** A second name of it is somewhere else: whoever made that here wants it written. */
function own(file: number): number {
  return orClosed(file, () => {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error("expected a file, found something else");
    if (stats.nlink > 1) throw new Error(`expected a file of one name, found one with ${stats.nlink} (hard links)`);
  });
}

function orClosed(file: number, act: () => void): number {
  try {
    act();
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function unless<T>(code: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
