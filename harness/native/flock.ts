import { fstatSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { HarnessError } from "../base/errors.js";
import { told } from "../base/files.js";
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

/** Who has the lock of an open file, as the kernel tells it: empty where it does not, or where that one is not visible from here. */
export function lockersOf(file: number): number[] {
  const { dev, ino } = fstatSync(file);
  const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
  const hex = (part: number) => part.toString(16).padStart(2, "0");
  const where = `${hex(major)}:${hex(minor)}:${ino}`;
  const rows = (told(() => readFileSync("/proc/locks", "utf8")) ?? "").split("\n").map((line) => line.split(/\s+/));
  return rows.flatMap(([, kind, , , pid, of]) => (kind === "FLOCK" && of === where ? [Number(pid)] : []));
}
