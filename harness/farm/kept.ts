import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { HarnessError } from "../base/errors.js";
import { reasonOf } from "../base/unwritable.js";
import { sha256 } from "../firmware/bytes.js";

/** A SHA-256 as it is written here. What else comes as one never becomes a path or a key. */
export const HASH = /^[0-9a-f]{64}$/;

export const isHash = (text: string): boolean => HASH.test(text);

export const hashOf = (bytes: Uint8Array): string => sha256(bytes).toString("hex");

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** ELOOP: a link. ENXIO: a socket, or a device without its driver. */
const NOTHING = ["ENOENT", "ELOOP", "ENXIO"];

/**
 * A whole file where others may have put anything. `undefined` where no plain file is, no larger than `mostBytes`; a link is
 * none.
 *
 * @throws HarnessError FILE_UNREADABLE with the system's reason for all else.
 */
export function readKept(path: string, mostBytes: number): Uint8Array | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, FLAGS);
    const found = fstatSync(file);
    if (!found.isFile() || found.size > mostBytes) return undefined;
    const bytes = Buffer.alloc(found.size);
    // It may shrink or grow meanwhile: then its hash tells.
    for (let at = 0, got = -1; at < bytes.length && got !== 0; at += got)
      got = readSync(file, bytes, at, bytes.length - at, null);
    return bytes;
  } catch (cause) {
    if (NOTHING.includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new HarnessError("FILE_UNREADABLE", `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
