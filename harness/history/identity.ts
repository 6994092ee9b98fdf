import type { RunSummary } from "../../reports/row.js";
import type { Database } from "./database.js";
import { SQL } from "./sql/statements.js";

/**
 * What the history calls a run. Parts of one have its id in common, and somebody may call every night the same
 * (`--run-id`): these are runs of their own all the same, and none takes another's place.
 */
export function bookedIdOf(database: Database, { runId, shard, wallTime }: RunSummary): string {
  const id = shard === undefined ? runId : `${runId} ${shard.index}/${shard.of}`;
  const known = database.one<{ wallTime: string }>(SQL.runById, id);
  return known === undefined || known.wallTime === wallTime ? id : `${id} ${wallTime}`;
}
