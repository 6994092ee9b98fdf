import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { type Hands, isOurs } from "../../harness/base/trust.js";

/** Made for locks; where it is not everybody's, the folder that is. */
const PARENTS = ["/run/lock", "/tmp"] as const;
/** Everybody makes files there, and nobody removes another's. */
const FOLDER_MODE = 0o1777;
const SHARED = 0o1002;
const PERMISSIONS = 0o7777;
const STICKY = 0o1000;
const OTHERS_WRITE = 0o022;
const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** `/run/lock/st67-hil`, or `/tmp/st67-hil`: chosen by what this machine has, so that all its users meet there. */
export function sharedFolder(): string {
  const isShared = (path: string) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & SHARED) === SHARED;
  return join(PARENTS.find(isShared) ?? "/tmp", "st67-hil");
}

/**
 * Makes a folder that all users of this machine share, where it is missing. Its owner could change every file in it: that
 * must be root or one of us. Only what is our own gets another mode.
 *
 * @throws HarnessError FILE_UNWRITABLE when somebody else owns it or could; what the system says when it is no folder.
 */
export function makeShared(folder: string, hands: Hands | undefined): void {
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const opened = openSync(folder, FLAGS);
  try {
    const { uid, mode } = fstatSync(opened);
    if (!isOurs(uid, hands)) throw refused(folder, `belongs to another user (uid ${uid})`);
    if ((mode & PERMISSIONS) === FOLDER_MODE) return;
    if (uid === process.geteuid?.()) fchmodSync(opened, FOLDER_MODE);
    else if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)
      throw refused(folder, "lets others remove your files");
  } finally {
    closeSync(opened);
  }
}

const refused = (folder: string, why: string): HarnessError =>
  new HarnessError("FILE_UNWRITABLE", `${folder}: the folder of the locks ${why}`, {
    advice: `\`sudo chown root ${folder} && sudo chmod 1777 ${folder}\`, or remove it when no st67-hil runs.`,
  });
