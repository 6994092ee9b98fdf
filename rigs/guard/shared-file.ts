import { chmodSync, closeSync, constants, fchmodSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { messageOf } from "../serial/port-trouble.js";

/** Made for locks; where it is not everybody's, the folder that is. */
const PARENTS = ["/run/lock", "/tmp"] as const;
const EVERYBODY_WRITES = 0o002;
/** Everybody makes files there, and nobody removes another's. */
const FOLDER_MODE = 0o1777;
const FILE_MODE = 0o666;
const FLAGS = constants.O_RDWR | constants.O_NOFOLLOW;

/** `/run/lock/st67-hil`, or `/tmp/st67-hil`: chosen by what this machine has, so that all its users meet there. */
export function sharedFolder(): string {
  const parent = PARENTS.find(
    (path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & EVERYBODY_WRITES) > 0,
  );
  return join(parent ?? "/tmp", "st67-hil");
}

/**
 * Opens a file that every user of this machine may read and write, for reading and writing, and makes it and its folder
 * where they are missing. It is not inherited by children.
 *
 * @throws HarnessError FILE_UNWRITABLE
 */
export function openShared(folder: string, name: string): number {
  const path = join(folder, name);
  try {
    makeFolder(folder);
    return openExisting(path) ?? make(path) ?? openSync(path, FLAGS);
  } catch (cause) {
    throw new HarnessError("FILE_UNWRITABLE", `${path}: cannot be opened: ${messageOf(cause)}`, {
      cause,
      advice: `Every user of a rig needs ${folder}, mode 1777, and files in it that all may write: when no st67-hil runs, remove what is in the way.`,
    });
  }
}

function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, FOLDER_MODE);
}

/** Without `O_CREAT`: with it the kernel refuses another user's file in such a folder (fs.protected_regular). */
const openExisting = (path: string): number | undefined => unless("ENOENT", () => openSync(path, FLAGS));

/** `undefined`: somebody else was faster. */
function make(path: string): number | undefined {
  const file = unless("EEXIST", () => openSync(path, FLAGS | constants.O_CREAT | constants.O_EXCL, FILE_MODE));
  if (file === undefined) return undefined;
  try {
    fchmodSync(file, FILE_MODE);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return file;
}

function unless<T>(code: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
