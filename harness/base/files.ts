import { randomBytes } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { unwritable } from "./unwritable.js";
import { targetOf } from "./write-target.js";

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
const MODE_BITS = 0o7777;

/**
 * The one way to write a file: whole or not at all, a temporary file beside it, on disk, then renamed over it. A link
 * stays, and its end is replaced; a character device, and what our own streams go to, is written into.
 *
 * @throws HarnessError FILE_UNWRITABLE with the system's reason.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  writePieces(path, [content]);
}

/**
 * As `writeWhole`, for what is too long to be held: each piece is written as it comes. When one cannot be had, the file is
 * what it was before; a device or a stream keeps those before.
 *
 * @throws HarnessError FILE_UNWRITABLE with the system's reason; what `pieces` throws.
 */
export function writePieces(path: string, pieces: Iterable<string | Uint8Array>): void {
  let broken: { readonly error: unknown } | undefined;
  const watched = function* () {
    try {
      yield* pieces;
    } catch (error) {
      broken = { error };
      throw error;
    }
  };
  try {
    const target = targetOf(path);
    if (target.kind === "stream") for (const piece of watched()) target.stream.write(piece);
    else if (target.kind === "device") withFile(openDevice(target.path), (file) => writeAll(file, watched()));
    else replace(target.path, target.found, watched());
  } catch (cause) {
    if (broken !== undefined) throw broken.error;
    throw unwritable(path, cause);
  }
}

/** As `writeWhole`, but never over anything, not even a link. @throws HarnessError FILE_UNWRITABLE. */
export function writeNew(path: string, content: string | Iterable<string | Uint8Array>): void {
  try {
    create(path, typeof content === "string" ? [content] : content);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Told before any work is done: whether `path` can be written, as far as that can be seen without writing it.
 *
 * @throws HarnessError FILE_UNWRITABLE
 */
export function refuseUnwritable(path: string): void {
  try {
    const target = targetOf(path);
    if (target.kind === "stream") return;
    const there = target.kind === "device" || target.found !== undefined;
    if (there) accessSync(target.path, constants.W_OK);
    if (target.kind === "file") probe(dirname(target.path));
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Makes a file in `folder` and removes it: a file system knows more reasons to refuse one than can be asked for. */
export function probe(folder: string): void {
  const path = temporaryIn(folder);
  closeSync(openSync(path, "wx"));
  rmSync(path);
}

/** What the system tells, or `undefined` where it tells nothing: processes and devices come and go while we look. */
export function told<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

function replace(path: string, before: Stats | undefined, pieces: Iterable<string | Uint8Array>): void {
  // The folder of a file may be ours while the file is not.
  if (before !== undefined) accessSync(path, constants.W_OK);
  const temporary = temporaryIn(dirname(path));
  create(temporary, pieces, before);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A new file with all of `pieces`, on disk, or none. Like `model` it is as far as we may: owner, then mode. */
function create(path: string, pieces: Iterable<string | Uint8Array>, model?: Stats): void {
  const file = openSync(path, "wx");
  try {
    withFile(file, () => {
      if (model !== undefined) {
        told(() => fchownSync(file, model.uid, model.gid));
        fchmodSync(file, model.mode & MODE_BITS);
      }
      writeAll(file, pieces);
      fsyncSync(file);
    });
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** A terminal that is stopped, or a line that takes nothing, is an error, and never a wait. */
const openDevice = (path: string): number => openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);

function withFile(file: number, work: (file: number) => void): void {
  try {
    work(file);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, pieces: Iterable<string | Uint8Array>): void {
  for (const piece of pieces) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  }
}

/** Nobody knows the name before it is there, and it fits wherever a file fits. */
const temporaryIn = (folder: string): string => join(folder, `.st67-hil-${randomBytes(8).toString("hex")}.tmp`);
