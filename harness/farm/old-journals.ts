import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { told } from "../base/files.js";
import { readJournalFile } from "./journal-file.js";
import type { Order } from "./messages.js";
import { deliveredIn } from "./outbox.js";

/** An agent keeps the journals, and the files, of so many runs. */
const MOST_RUNS = 20;

/** Name of the folder of a run's journals: a run of the same id, a year later, is another one. */
export const runFolderOf = ({ runId, wallTime }: Pick<Order, "runId" | "wallTime">): string =>
  `${runId}.${wallTime.replace(/\D/g, "")}`;

/** Id of the run whose folder is called so; `undefined` for what is no run's. */
export const runIn = (folder: string): string | undefined => /^(.+)\.\d{17}$/.exec(folder)?.[1];

/** Whether all that stands in a rig's journal is in the run's stream, and no delivery was left in its middle. */
export function isDelivered(folder: string): boolean {
  const file = readJournalFile(folder);
  return file === undefined || (file.open.length === 0 && deliveredIn(folder) + 1 >= file.from.seq);
}

/**
 * Removes the oldest runs from `out` beyond the newest `most`. One of which something is still to be told stays, as does what
 * is no run's. Never throws: a folder that cannot be removed is there the next time.
 */
export function pruneJournals(out: string, most = MOST_RUNS): void {
  const runs = (told(() => readdirSync(out)) ?? [])
    .filter((name) => runIn(name) !== undefined)
    .map((name) => ({ folder: join(out, name), ms: told(() => statSync(join(out, name)).mtimeMs) ?? 0 }))
    .sort((a, b) => b.ms - a.ms);
  for (const { folder } of runs.slice(most)) {
    const rigs = (told(() => readdirSync(folder)) ?? []).map((name) => join(folder, name));
    if (rigs.every(isDelivered)) told(() => rmSync(folder, { recursive: true }));
  }
}
