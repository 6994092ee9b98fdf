import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { HarnessError } from "../base/errors.js";
import { ownFilesOf } from "../run/load.js";

/** Of the scenarios that ship: the version of the program tells which. */
const SHIPPED = "shipped";

/**
 * What tells one set of scenario files, and of what they import by relative names, from another, on whatever machine and under
 * whatever names. What they import of packages, or read, is not in it.
 *
 * @throws HarnessError FILE_UNREADABLE.
 */
export function scenariosHash(files: readonly string[]): string {
  if (files.length === 0) return SHIPPED;
  return hashOfAll(
    ownFilesOf(files)
      .map((paths) => hashOfAll(paths.map(hashOfFile)))
      .sort(),
  );
}

const hashOfAll = (hashes: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(hashes)).digest("hex");

function hashOfFile(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch (cause) {
    throw new HarnessError("FILE_UNREADABLE", `${path}: expected a scenario file, got ${String(cause)}`, { cause });
  }
}
