import { fstatSync, lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { HarnessError } from "./errors.js";

/** Where the bytes end up that are written to some path. */
export type Target =
  /** A regular file, or nothing yet: links are followed to it. */
  | { readonly kind: "file"; readonly path: string; readonly found: Stats | undefined }
  /** A character device, such as /dev/null. */
  | { readonly kind: "device"; readonly path: string }
  /** What this process's standard output or error goes to, by whatever name. */
  | { readonly kind: "stream"; readonly stream: Writable };

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/**
 * What stands at the end of `path` decides how it is written. The system is asked before any link is followed by us: it
 * knows which links of strangers are not to be followed (`fs.protected_symlinks`).
 *
 * @throws HarnessError FILE_UNWRITABLE for what is never written: folders, pipes that others read (opening one waits
 * for them), sockets and disks; the system's error for a path that leads nowhere.
 */
export function targetOf(path: string): Target {
  const found = statOf(path);
  if (found === undefined) {
    if (path === "" || path.endsWith("/")) throw refused(path, "the name of a folder");
    return { kind: "file", path: endOf(path), found };
  }
  const stream = ownStream(found);
  if (stream !== undefined) return { kind: "stream", stream };
  if (found.isFile()) return { kind: "file", path: realpathSync.native(path), found };
  if (found.isCharacterDevice()) return { kind: "device", path };
  throw refused(path, kindOf(found));
}

/** `path` with all links followed, also one to what is not there yet. @throws the system's error: ENOENT without a folder. */
export function endOf(path: string, links = MOST_LINKS): string {
  const here = join(realpathSync.native(dirname(resolve(path))), basename(resolve(path)));
  const found = lstatSync(here, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() !== true) return here;
  if (links === 0) throw refused(path, "more links than anybody follows");
  return endOf(resolve(dirname(here), readlinkSync(here)), links - 1);
}

/** A link's end counts; one that leads to nothing is nothing. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function ownStream({ dev, ino }: Stats): Writable | undefined {
  return [process.stdout, process.stderr].find((_, index) => {
    try {
      const own = fstatSync(index + 1);
      return own.dev === dev && own.ino === ino;
    } catch {
      return false;
    }
  });
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a pipe (FIFO)";
  return found.isSocket() ? "a socket" : "a block device";
}

const refused = (path: string, found: string): HarnessError =>
  new HarnessError(
    "FILE_UNWRITABLE",
    `${path}: expected a file, a character device or a path that is free, found ${found}`,
    {
      advice: "Name a file in a folder that exists and may be written.",
    },
  );
