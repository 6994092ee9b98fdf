import { readdirSync, readFileSync, statSync } from "node:fs";
import { HarnessError } from "../base/errors.js";

/** @throws HarnessError FILE_UNREADABLE saying that `what` was expected at `path`. */
export const readBytes = (path: string, what: string): Uint8Array => read(path, what, () => readFileSync(path));

/** The names in a folder, sorted. @throws HarnessError FILE_UNREADABLE. */
export const listFolder = (path: string): string[] => read(path, "a folder", () => readdirSync(path).sort());

/** Whether there is a folder at `path`. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function read<T>(path: string, what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HarnessError("FILE_UNREADABLE", `${path}: expected ${what}, got ${reason}`, { cause: error });
  }
}
