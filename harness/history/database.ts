import { dirname } from "node:path";
import type LibsqlDatabase from "libsql";
import { makeFolder } from "../base/folders.js";
import { endOf } from "../base/write-target.js";
import { refuseStrangers } from "./place.js";
import { APPLICATION_ID, MIGRATIONS } from "./sql/schema.js";
import { codeOf, damaged, newer, unusable } from "./unusable.js";

/** All that is ever bound: the package ends the whole process when it is given a boolean. */
export type Value = string | number | null;

/** Longest that one process waits for another that writes. */
const PATIENCE_MS = 10_000;

/** One open history file, of today's schema. */
export class Database implements Disposable {
  /** With all links followed. */
  readonly path: string;
  readonly #shown: string;
  #database: LibsqlDatabase.Database | undefined;
  readonly #statements = new Map<string, LibsqlDatabase.Statement>();

  private constructor(path: string, shown: string, database: LibsqlDatabase.Database) {
    this.path = path;
    this.#shown = shown;
    this.#database = database;
  }

  /**
   * Opens a history, and makes one where nothing is. The package is loaded only here: it is native code.
   *
   * @throws HarnessError HISTORY_UNUSABLE for what is there and is none, or cannot be trusted; nothing of it was changed.
   */
  static async open(file: string, patienceMs = PATIENCE_MS): Promise<Database> {
    try {
      makeFolder(dirname(file));
      const path = endOf(file);
      refuseStrangers(file, path);
      const { default: Libsql } = await import("libsql");
      const database = new Database(path, file, new Libsql(path, { timeout: patienceMs }));
      try {
        database.#prepare();
        return database;
      } catch (error) {
        database[Symbol.dispose]();
        throw error;
      }
    } catch (cause) {
      throw unusable(file, cause);
    }
  }

  /** One row, or none. */
  one<T>(sql: string, ...values: Value[]): T | undefined {
    return this.all<T>(sql, ...values)[0];
  }

  all<T>(sql: string, ...values: Value[]): T[] {
    return this.#told(() => this.#statement(sql).all(values) as T[]);
  }

  run(sql: string, ...values: Value[]): void {
    this.#told(() => this.#statement(sql).run(values));
  }

  /** All that `work` writes, or none of it, also within another one. Whoever writes at the same time is waited for. */
  transact<T>(work: () => T): T {
    const [begin, commit, rollback] = this.#open.inTransaction
      ? ["SAVEPOINT part", "RELEASE part", "ROLLBACK TO part; RELEASE part"]
      : ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"];
    return this.#told(() => {
      this.#open.exec(begin);
      try {
        const result = work();
        this.#open.exec(commit);
        return result;
      } catch (error) {
        // A full disk has rolled it back already.
        if (this.#open.inTransaction) this.#open.exec(rollback);
        throw error;
      }
    });
  }

  /** @throws HarnessError HISTORY_UNUSABLE when any of it is damaged. */
  refuseDamaged(): void {
    const [found] = this.all<{ integrity_check: string }>("PRAGMA integrity_check(1)");
    if (found?.integrity_check !== "ok") throw damaged(this.#shown, `it is damaged: ${found?.integrity_check}`);
  }

  /** What was written is in the one file then, and not in what lies beside it. */
  [Symbol.dispose](): void {
    if (this.#database === undefined) return;
    try {
      this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // It stays in the write-ahead log, and whoever opens the file next reads it there.
    }
    this.#statements.clear();
    this.#database.close();
    this.#database = undefined;
  }

  /** The package ends the whole process when one is used that was closed. */
  get #open(): LibsqlDatabase.Database {
    if (this.#database !== undefined) return this.#database;
    throw new Error(`${this.#shown}: it was closed already`);
  }

  #prepare(): void {
    const version = this.#number("user_version");
    const isEmpty = version === 0 && this.all("SELECT 1 FROM sqlite_master LIMIT 1").length === 0;
    if (!isEmpty && this.#number("application_id") !== APPLICATION_ID)
      throw unusable(this.#shown, new Error("it is a database of another program"));
    if (version > MIGRATIONS.length) throw newer(this.#shown, version, MIGRATIONS.length);
    this.#open.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
    this.#writeAhead();
    if (version < MIGRATIONS.length) this.transact(() => this.#migrate());
  }

  #migrate(): void {
    // Another process may have done it while we waited.
    for (let version = this.#number("user_version"); version < MIGRATIONS.length; version++)
      this.#open.exec(`${MIGRATIONS[version]}; PRAGMA user_version = ${version + 1}`);
    this.#open.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  }

  /** Readers wait for no writer then. Only one process can switch it on, and the others need not. */
  #writeAhead(): void {
    const [found] = this.all<{ journal_mode: string }>("PRAGMA journal_mode");
    if (found?.journal_mode === "wal") return;
    try {
      this.#open.exec("PRAGMA journal_mode = WAL");
    } catch (error) {
      if (codeOf(error) !== "SQLITE_BUSY") throw error;
    }
  }

  #number(pragma: "user_version" | "application_id"): number {
    const [row = {}] = this.all<Record<string, number>>(`PRAGMA ${pragma}`);
    return row[pragma] ?? 0;
  }

  #statement(sql: string): LibsqlDatabase.Statement {
    const found = this.#statements.get(sql) ?? this.#open.prepare(sql);
    this.#statements.set(sql, found);
    return found;
  }

  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      // What `work` itself throws is none of ours.
      throw String(codeOf(cause)).startsWith("SQLITE_") ? unusable(this.#shown, cause) : cause;
    }
  }
}
