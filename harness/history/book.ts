import { statSync } from "node:fs";
import type { Row, RunSummary } from "../../reports/row.js";
import type { Story } from "../../reports/story.js";
import { told } from "../base/files.js";
import { Database } from "./database.js";
import { bookedIdOf } from "./identity.js";
import { firmwareOf, judgedOf, labelOf } from "./judged.js";
import { selectionOf } from "./selection.js";
import { SQL } from "./sql/statements.js";
import { Erases } from "./wear.js";

/** What the journal of a run does not tell. */
export interface Booking {
  /** As it was given. */
  readonly folder: string;
  readonly exitCode: number;
}

/** So often a history that was replaced while we wrote into it is tried again. */
const TRIES = 3;

/**
 * Books a run: all of it or nothing. One that was booked before, and was gone on with or rendered again, is replaced.
 *
 * @throws HarnessError HISTORY_UNUSABLE; RUN_UNREADABLE.
 */
export async function bookRun(file: string, story: Story, booking: Booking): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    using database = await Database.open(file);
    const before = inodeOf(database.path);
    database.transact(() => insertRun(database, story, booking));
    // A rebuild may have put another file in place of a damaged one meanwhile.
    if (inodeOf(database.path) === before || attempt === TRIES) return;
  }
}

const inodeOf = (path: string): bigint | undefined => told(() => statSync(path, { bigint: true }).ino);

/** Within a transaction. @returns what the run is called now. */
export function insertRun(database: Database, story: Story, { folder, exitCode }: Booking): string {
  const { summary } = story;
  const runId = bookedIdOf(database, summary);
  const { wallTime, harness, seed, rigs, interrupted, ms } = summary;
  const known = retirementsOf(database, runId);
  database.run(SQL.deleteRun, runId);
  const facts = [runId, wallTime, harness, seed, folder, exitCode] as const;
  const simulated = rigs.every((rig) => rig.simulated);
  const run = idOf(
    database,
    SQL.insertRun,
    ...facts,
    ...[Number(interrupted), selectionOf(summary), Number(simulated), ms],
  );
  for (const [label, sha256] of Object.entries(summary.firmwares)) {
    const [, profile, version] = /^([^@]+)@(.+)$/.exec(label) ?? [];
    if (profile !== undefined && version !== undefined) insertFirmware(database, { profile, version, sha256 });
  }
  // They are told where they were done: once more, a sector would be worn twice, and a rig retired that was taken back.
  const isMerged = summary.merged !== undefined;
  for (const { rig, fault } of isMerged ? [] : summary.retired)
    database.run(SQL.insertRetirement, run, rig, fault.code, fault.message);
  // Taken back was what was known then. A run that was gone on with may have retired the rig once more.
  for (const [rig, times] of retirementsOf(database, runId))
    if (times > (known.get(rig) ?? 0)) database.run(SQL.deleteReadmission, rig, runId);
  const erases = new Erases();
  const isSimulated = new Set(rigs.filter((rig) => rig.simulated).map(({ name }) => name));
  const wear = (all: RunSummary["wear"]) => {
    for (const { rig, ...erase } of all) if (!isSimulated.has(rig)) erases.add(erase);
  };
  for (const row of story.rows()) {
    insertCase(database, run, row);
    wear(row.wear ?? []);
  }
  wear(summary.wear);
  for (const { chip, first, sectors, erases: times } of isMerged ? [] : erases.ranges())
    database.run(SQL.insertWear, run, chip, first, sectors ?? null, times);
  return runId;
}

/** How often a run that is booked retired each rig. */
const retirementsOf = (database: Database, runId: string): ReadonlyMap<string, number> =>
  new Map(database.all<{ rig: string; times: number }>(SQL.retirementsOf, runId).map(({ rig, times }) => [rig, times]));

function insertCase(database: Database, run: number, row: Row): void {
  const { name, scenario, rig, verdict, flaky, code, blame, message, firmware } = judgedOf(row);
  const from = firmwareOf(row.properties, "from");
  for (const each of [from, firmware]) if (each !== undefined) insertFirmware(database, each);
  const id = idOf(
    database,
    SQL.insertCase,
    ...[run, name, scenario, rig, verdict],
    ...[flaky ?? null, code ?? null, blame ?? null, message ?? null, row.ms],
    ...[firmware?.profile ?? null, firmware?.version ?? null, firmware?.sha256 ?? null],
  );
  for (const { stage, ms, bytes } of row.stages) database.run(SQL.insertStage, id, stage, ms, bytes ?? null);
  for (const { name: what, value, unit, min, max, ok } of row.measurements)
    database.run(SQL.insertMeasurement, id, what, value, unit, min ?? null, max ?? null, Number(ok));
}

function insertFirmware(
  database: Database,
  { sha256, ...named }: { profile: string; version: string; sha256?: string },
) {
  if (sha256 === undefined) return;
  database.run(SQL.insertFirmware, sha256, named.profile, named.version);
  database.run(SQL.insertLabel, sha256, labelOf(named));
}

function idOf(database: Database, sql: string, ...values: (string | number | null)[]): number {
  return database.one<{ id: number }>(sql, ...values)?.id ?? 0;
}
