import { constants } from "node:os";
import { HarnessError } from "../base/errors.js";
import { glibc } from "./library.js";

/** The same on every Linux: see flock(2). */
const LOCK_EX = 2;
const LOCK_NB = 4;

const libc = glibc("Locks need Linux with glibc, as on Debian and Raspberry Pi OS.", (library, koffi) => ({
  flock: library.func("flock", "int", ["int", "int"]) as (file: number, operation: number) => number,
  errno: () => koffi.errno(),
}));

/** Loads what `tryFlock` needs, for whoever must be quick later. */
export const loadFlock = (): void => void libc();

/**
 * Takes the exclusive lock of an open file, without waiting. The lock belongs to the opening: closing the file gives it
 * back, and so does the end of the process, however it ends.
 *
 * @returns whether it is ours now; `false`: it belongs to another opening of the file.
 * @throws HarnessError FILE_UNWRITABLE where the file system knows no locks.
 */
export function tryFlock(file: number): boolean {
  const { flock, errno } = libc();
  if (flock(file, LOCK_EX | LOCK_NB) === 0) return true;
  const failure = errno();
  if (failure === constants.errno.EWOULDBLOCK) return false;
  throw new HarnessError("FILE_UNWRITABLE", `flock: expected a lock, got errno ${failure}`);
}
