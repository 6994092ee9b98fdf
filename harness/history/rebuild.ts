import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Story, storyIn } from "../../reports/story.js";
import { exitCodeOf } from "../../reports/summary.js";
import { asHarnessError, HarnessError } from "../base/errors.js";
import { makeFolder } from "../base/folders.js";
import { unwritable } from "../base/unwritable.js";
import { endOf } from "../base/write-target.js";
import { insertRun } from "./book.js";
import { Database } from "./database.js";
import { bookedIdOf } from "./identity.js";
import { BESIDE, isThere } from "./place.js";
import { SQL } from "./sql/statements.js";
import { mayBePutAside } from "./unusable.js";

/** What came of it. */
export interface Rebuilt {
  /** Runs that were read from their folders. */
  readonly booked: number;
  /** Runs of the history without a folder that can be read: nothing else remembers them, so they stay. */
  readonly kept: number;
  readonly unreadable: readonly { readonly folder: string; readonly error: HarnessError }[];
  /** Where a damaged history lies now. */
  readonly aside?: string;
}

/**
 * Makes a history anew from the folders of runs beside it, in one step: who reads or books meanwhile has the old one or the
 * new one, and what is booked is in the new one. Of a history that can be read stays what no journal tells. One that is
 * damaged is put aside, and never lost.
 *
 * @throws HarnessError HISTORY_UNUSABLE; FILE_UNWRITABLE.
 */
export async function rebuildHistory(file: string): Promise<Rebuilt> {
  makeFolder(dirname(file));
  try {
    using database = await Database.open(file);
    database.refuseDamaged();
    return bookAll(database, dirname(file));
  } catch (error) {
    const isDamaged = error instanceof HarnessError && error.details["damaged"] === true;
    if (!isDamaged || !mayBePutAside(file)) throw error;
    return inPlaceOf(file);
  }
}

function bookAll(database: Database, folder: string): Rebuilt {
  const unreadable: Rebuilt["unreadable"][number][] = [];
  const booked = new Set<string>();
  return database.transact(() => {
    for (const path of runFolders(folder)) {
      try {
        const story = storyIn(join(path, "events.jsonl"));
        booked.add(database.transact(() => insertRun(database, story, bookingOf(database, story, path))));
      } catch (thrown) {
        const error = asHarnessError(thrown);
        if (error.code !== "RUN_UNREADABLE") throw thrown;
        unreadable.push({ folder: path, error });
      }
    }
    const all = database.all(SQL.runIds).length;
    return { booked: booked.size, kept: all - booked.size, unreadable };
  });
}

/** Links to folders, as `latest` is one, are no runs of their own. */
const runFolders = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "events.jsonl")))
    .map(({ name }) => join(folder, name))
    .sort();

/** How a run ended is known best by who saw it end: its journal knows neither signals nor options. */
function bookingOf(database: Database, { summary }: Story, path: string): { folder: string; exitCode: number } {
  const known = database.one<{ folder: string; exitCode: number }>(SQL.runById, bookedIdOf(database, summary));
  return { folder: known?.folder ?? path, exitCode: known?.exitCode ?? exitCodeOf(summary) };
}

async function inPlaceOf(file: string): Promise<Rebuilt> {
  const path = endOf(file);
  const folder = dirname(path);
  let made: string | undefined;
  try {
    made = mkdtempSync(join(folder, ".st67-hil-"));
    const fresh = join(made, basename(path));
    const rebuilt = await freshIn(fresh, dirname(file));
    const aside = putAside(path);
    renameSync(fresh, path);
    return { ...rebuilt, aside };
  } catch (cause) {
    throw unwritable(file, cause);
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
}

async function freshIn(fresh: string, folder: string): Promise<Rebuilt> {
  using database = await Database.open(fresh);
  return bookAll(database, folder);
}

/** What lies beside it goes along: SQLite would take it for a part of the new one. */
function putAside(path: string): string {
  let aside = `${path}.damaged`;
  for (let count = 2; isThere(aside); count++) aside = `${path}.damaged-${count}`;
  for (const suffix of ["", ...BESIDE]) if (isThere(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}
