import { lstatSync, readlinkSync, realpathSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { HarnessError } from "../../base/errors.js";
import { isOurs } from "../../base/trust.js";

/** Where pseudo-terminals are. */
const TERMINALS = "/dev/pts/";

/**
 * Makes `link` a symbolic link to `target`, a pseudo-terminal of ours. A stale link is replaced: one to nothing, and one
 * to a pseudo-terminal that is younger than the link, since the number of one that has gone is given to the next. Another
 * user's link stays.
 *
 * @returns what removes it again, if it is still ours.
 * @throws HarnessError FILE_UNWRITABLE when something else is there, or the link cannot be made.
 */
export function placeLink(link: string, target: string): () => void {
  const found = lstatSync(link, { throwIfNoEntry: false, bigint: true });
  try {
    if (found !== undefined) {
      if (!found.isSymbolicLink()) throw unusable(link, "expected a symbolic link or nothing, found something else");
      if (!isOurs(Number(found.uid))) throw unusable(link, `the link there belongs to another user (uid ${found.uid})`);
      if (!isStale(link, found.ctimeNs)) throw unusable(link, `${readlinkSync(link)}, to which it points, is in use`);
      unlinkSync(link);
    }
    symlinkSync(target, link);
  } catch (cause) {
    throw cause instanceof HarnessError ? cause : unusable(link, (cause as Error).message, cause);
  }
  return () => {
    if (targetOf(link) === target) unlinkSync(link);
  };
}

/** A device of `/dev/pts` keeps the time at which it was made, whatever passes through it. */
function isStale(link: string, madeNs: bigint): boolean {
  const end = statSync(link, { throwIfNoEntry: false, bigint: true });
  if (end === undefined) return true;
  return realpathSync(link).startsWith(TERMINALS) && end.ctimeNs > madeNs;
}

/** `undefined`: there is no link. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

const unusable = (link: string, why: string, cause?: unknown): HarnessError =>
  new HarnessError("FILE_UNWRITABLE", `${link}: the link cannot be made: ${why}`, {
    cause,
    advice: "End what uses it, or give --link another path, in a folder that may be written.",
  });
