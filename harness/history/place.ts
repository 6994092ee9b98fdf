import { lstatSync } from "node:fs";
import { isOurs } from "../base/trust.js";

/** What SQLite keeps beside its file, and reads before it. */
export const BESIDE = ["-wal", "-shm", "-journal"];

/** Whether there is something of that name, be it a history or not. */
export const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

/**
 * A stranger who may write into the folder, as into /tmp, could have put a link or a file of theirs there: we would write
 * through the one, and believe the other. What lies beside the file counts as much: SQLite reads it first.
 */
export function refuseStrangers(file: string, path: string): void {
  const link = lstatSync(file, { throwIfNoEntry: false });
  const found = ["", ...BESIDE].map((suffix) => ({
    name: `${path}${suffix}`,
    stats: lstatSync(`${path}${suffix}`, { throwIfNoEntry: false }),
  }));
  for (const { name, stats } of [{ name: file, stats: link }, ...found]) {
    if (stats === undefined) continue;
    if (!stats.isFile() && !(name === file && stats.isSymbolicLink()))
      throw new Error(name === file ? "expected a file, found something else" : `${name} is no file`);
    if (!isOurs(stats.uid)) throw new Error(`${name} belongs to another user (uid ${stats.uid})`);
  }
}
