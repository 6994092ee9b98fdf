import { readdirSync, statSync } from "node:fs";
import { HarnessError } from "../base/errors.js";
import { LARGEST_BYTES, readPlainFile } from "../base/read-file.js";

/** @throws HarnessError FILE_UNREADABLE saying that `what` was expected at `path`. */
export const readBytes = (path: string, what: string, mostBytes: number = LARGEST_BYTES): Uint8Array =>
  readPlainFile(path, what, mostBytes);

/** The names in a folder, sorted. @throws HarnessError FILE_UNREADABLE. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError("FILE_UNREADABLE", `${path}: expected a folder, got ${reason}`, { cause });
  }
}

/** Whether there is a folder at `path`. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
