import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isWithin } from "./attachment.js";

/** Where a hard link cannot be made, at most so much is copied. */
const MOST_COPIED_BYTES = 16 * 1024 * 1024;

/**
 * Makes `target` the file of a run's folder that `file` names. A hard link: it takes no room on the disk. No link of
 * anybody's is followed on the way, so what is not in the run's folder is not reached.
 *
 * @returns why it was not made.
 */
export function placeFile(runDir: string, file: string, target: string): string | undefined {
  if (!isWithin(file)) return "it is not in the run's folder";
  const source = join(runDir, file);
  try {
    for (let folder = dirname(file); folder !== "."; folder = dirname(folder))
      if (!lstatSync(join(runDir, folder)).isDirectory()) return "it is behind a link";
    if (!lstatSync(source).isFile()) return "it is no file";
    return linked(source, target) ? undefined : copied(source, target);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function linked(source: string, target: string): boolean {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one that knows no hard links.
    return false;
  }
  // Somebody may have put another thing in its place just now.
  if (lstatSync(target).isFile()) return true;
  rmSync(target);
  return false;
}

function copied(source: string, target: string): string | undefined {
  const fd = openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return "it is no file";
    if (stats.size > MOST_COPIED_BYTES) return `its ${stats.size} bytes are too many to be copied`;
    writeFileSync(target, readFileSync(fd), { flag: "wx" });
    return undefined;
  } finally {
    closeSync(fd);
  }
}
