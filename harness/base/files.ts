import { accessSync, closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { HarnessError } from "./errors.js";

/** Writes a file whole or not at all: a temporary file beside it, on disk, then renamed over it. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, "w");
    try {
      const bytes = Buffer.from(content);
      for (let at = 0; at < bytes.length; at += writeSync(file, bytes, at));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new HarnessError(
      "FILE_UNWRITABLE",
      `${path}: cannot be written: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

/** @throws HarnessError FILE_UNWRITABLE when the folder of `path` is missing or may not be written: told before any work is done. */
export function refuseUnwritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw new HarnessError("FILE_UNWRITABLE", `${path}: its folder is missing or may not be written`, { cause });
  }
}

/** What the system tells, or `undefined` where it tells nothing: processes and devices come and go while we look. */
export function told<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
