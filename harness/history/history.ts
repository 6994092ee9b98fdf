import type { RunSummary } from "../../reports/row.js";
import type { Verdict } from "../base/events.js";
import { Database } from "./database.js";
import type { FirmwareName, Judged, JudgedRun } from "./judged.js";
import { isThere } from "./place.js";
import { SQL } from "./sql/statements.js";
import type { LastJudged } from "./value.js";
import { type Range, type Wear, wearOf } from "./wear.js";

/** A run as the history knows it. */
export interface BookedRun {
  readonly runId: string;
  readonly wallTime: string;
  readonly folder: string;
  readonly exitCode: number;
  readonly interrupted: boolean;
  readonly simulated: boolean;
  readonly counts: RunSummary["counts"];
  readonly flaky: number;
  /** Labels of those that its cases prove. */
  readonly firmwares: readonly string[];
}

/** A rig that is not to be used until somebody has looked at it. */
export interface Retired {
  readonly rig: string;
  /** The run that retired it, and when that started. */
  readonly runId: string;
  readonly wallTime: string;
  readonly code: string;
  readonly message: string;
}

/** A verdict of the past on a firmware. */
export interface PastJudgement {
  readonly name: string;
  readonly scenario: string;
  readonly profile: string;
  readonly version: string;
  readonly sha256: string | null;
  readonly verdict: "passed" | "failed";
}

/** What a stage took once, in a case that passed. */
export interface StageTime {
  readonly runId: string;
  readonly wallTime: string;
  readonly profile: string | null;
  readonly version: string | null;
  readonly sha256: string | null;
  readonly ms: number;
}

interface RunRow {
  readonly id: number;
  readonly runId: string;
  readonly wallTime: string;
  readonly folder: string;
  readonly exitCode: number;
  readonly interrupted: number;
  readonly simulated: number;
}

type BookedRow = RunRow & Record<Verdict, number | null> & { readonly flaky: number };

type Nullable<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> | null };
type CaseRow = { readonly id: number; readonly name: string; readonly scenario: string; readonly rig: string } & {
  readonly verdict: Verdict;
} & Nullable<Required<Pick<Judged, "flaky" | "code" | "blame" | "message">>> &
  Pick<StageTime, "profile" | "version" | "sha256">;

const NO_LIMIT = -1;

/** What past runs came to. Whoever opened it disposes it. */
export class History implements Disposable {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** The history in `file`; `undefined` where nothing is. @throws HarnessError HISTORY_UNUSABLE. */
  static async in(file: string): Promise<History | undefined> {
    return isThere(file) ? new History(await Database.open(file)) : undefined;
  }

  get size(): number {
    return this.#database.one<{ runs: number }>(SQL.countRuns)?.runs ?? 0;
  }

  /** Newest first. @param most so many of them. */
  runs(most = NO_LIMIT): BookedRun[] {
    return this.#database.all<BookedRow>(SQL.runs, most).map((row) => this.#booked(row));
  }

  /** Those of the same cases before a time, newest first. @param simulated modules, or others. */
  runsBefore(wallTime: string, selection: string, simulated: boolean, most: number): BookedRun[] {
    const rows = this.#database.all<BookedRow>(SQL.runsBefore, selection, Number(simulated), wallTime, most);
    return rows.map((row) => this.#booked(row));
  }

  /** Every firmware that was ever seen, with all that it was called. */
  firmwares(): (Required<FirmwareName> & { readonly labels: readonly string[] })[] {
    return this.#database.all<Required<FirmwareName>>(SQL.firmwares).map((firmware) => ({
      ...firmware,
      labels: this.#database.all<{ label: string }>(SQL.labelsOf, firmware.sha256).map(({ label }) => label),
    }));
  }

  runIds(): string[] {
    return this.#database.all<{ runId: string }>(SQL.runIds).map(({ runId }) => runId);
  }

  run(runId: string): JudgedRun | undefined {
    return this.#judged(this.#database.one<RunRow>(SQL.runById, runId));
  }

  /** The newest run of one of these selections, on simulated modules or on others, that had nothing to complain of. */
  lastGood([selection, other]: readonly [string, string], simulated: boolean): JudgedRun | undefined {
    return this.#judged(this.#database.one<RunRow>(SQL.lastGood, selection, other, Number(simulated)));
  }

  /** Of each case of `scenario` and each firmware the newest verdict that is one, of simulated modules or of others. */
  judgements(scenario: string, simulated: boolean): PastJudgement[] {
    return this.#database.all<PastJudgement>(SQL.judgements, scenario, Number(simulated));
  }

  /** Of each case what it came to when it was judged last, on simulated modules or on others. */
  lastJudged(simulated: boolean): LastJudged[] {
    return this.#database.all<LastJudged>(SQL.lastJudged, Number(simulated));
  }

  stageNames(): string[] {
    return this.#database.all<{ name: string }>(SQL.stageNames).map(({ name }) => name);
  }

  /** From the oldest run to the newest. */
  stageTimes(stage: string): StageTime[] {
    return this.#database.all<StageTime>(SQL.stageTimes, stage);
  }

  /** Of each chip. */
  wear(): Wear[] {
    return wearOf(this.erases());
  }

  /** Of all chips, each range of sectors once. */
  erases(): Range[] {
    const rows = this.#database.all<Omit<Range, "sectors"> & { readonly sectors: number | null }>(SQL.wear);
    return rows.map(({ sectors, ...range }) => (sectors === null ? range : { ...range, sectors }));
  }

  /** Each rig once, with its newest retirement that nothing took back. */
  retired(): Retired[] {
    const all = this.#database.all<Retired>(SQL.retired);
    return all.filter(({ rig }, index) => all.findIndex((other) => other.rig === rig) === index);
  }

  /** Takes back every retirement of a rig. @param firmware that was flashed and has booted. */
  readmit(rig: string, wallTime: string, firmware: string): void {
    this.#database.transact(() => {
      for (const each of this.#database.all<Retired>(SQL.retired))
        if (each.rig === rig) this.#database.run(SQL.insertReadmission, rig, each.runId, wallTime, firmware);
    });
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #booked(row: BookedRow): BookedRun {
    const { runId, wallTime, folder, exitCode, flaky } = row;
    const { passed, failed, broken, skipped, aborted } = row;
    const firmwares = this.#database
      .all<{ profile: string; version: string }>(SQL.firmwaresOf, row.id)
      .map(({ profile, version }) => `${profile}@${version}`);
    return {
      ...{ runId, wallTime, folder, exitCode, flaky, firmwares },
      interrupted: row.interrupted === 1,
      simulated: row.simulated === 1,
      counts: {
        passed: passed ?? 0,
        failed: failed ?? 0,
        broken: broken ?? 0,
        skipped: skipped ?? 0,
        aborted: aborted ?? 0,
      },
    };
  }

  #judged(row: RunRow | undefined): JudgedRun | undefined {
    if (row === undefined) return undefined;
    const { id, runId, wallTime, simulated, interrupted } = row;
    return {
      runId,
      wallTime,
      simulated: simulated === 1,
      interrupted: interrupted === 1,
      cases: this.#database.all<CaseRow>(SQL.casesOf, id).map((each) => this.#case(each)),
    };
  }

  #case({ id, name, scenario, rig, verdict, flaky, code, blame, message, profile, version, sha256 }: CaseRow): Judged {
    const stages = this.#database.all<{ name: string; ms: number }>(SQL.stagesOf, id);
    return {
      ...{ name, scenario, rig, verdict },
      ...(flaky !== null && { flaky }),
      ...(code !== null && { code }),
      ...(blame !== null && { blame }),
      ...(message !== null && { message }),
      ...(profile !== null &&
        version !== null && { firmware: { profile, version, ...(sha256 !== null && { sha256 }) } }),
      stages: new Map(stages.map(({ name: stage, ms }) => [stage, ms])),
    };
  }
}
