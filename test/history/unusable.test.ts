import { chownSync, lchownSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { bookRun } from "../../harness/history/book.js";
import { History } from "../../harness/history/history.js";
import { MIGRATIONS } from "../../harness/history/sql/schema.js";
import { testAsRoot, WITHOUT_ROOT } from "../support/as-root.js";
import { scratch } from "../support/scratch.js";
import { BOOKING, CASES, storyOfNight } from "./support.js";

describe("what cannot be used is told with its reason, and stays as it is", () => {
  const refusal = (message: RegExp) =>
    expect.objectContaining({ code: "HISTORY_UNUSABLE", message: expect.stringMatching(message) });
  const book = (file: string) => bookRun(file, storyOfNight(CASES), BOOKING);

  test("a file that is no database", async () => {
    using folder = scratch();
    const file = folder.file("history.sqlite");
    writeFileSync(file, "my diary ".repeat(200));
    await expect(book(file)).rejects.toEqual(refusal(/history.sqlite: it is no SQLite database/));
    expect(readFileSync(file, "utf8")).toBe("my diary ".repeat(200));
    expect(readdirSync(folder.path)).toEqual(["history.sqlite"]);
  });

  test.each([
    ["history.sqlite", /^`st67-hil history rebuild --history .*history.sqlite` puts it aside/],
    ["rigs.json", /^A file that is not called \*\.sqlite is hardly a history of ours/],
  ])("the way out for %s is one that there is", async (name, advice) => {
    using folder = scratch();
    writeFileSync(folder.file(name), "no database ".repeat(200));
    await expect(book(folder.file(name))).rejects.toMatchObject({ advice: expect.stringMatching(advice) });
  });

  test("a database of another program", async () => {
    using folder = scratch();
    const file = folder.file("history.sqlite");
    const { default: Libsql } = await import("libsql");
    const other = new Libsql(file);
    other.exec("CREATE TABLE bookmarks (url TEXT)");
    other.close();
    const before = readFileSync(file);
    await expect(book(file)).rejects.toEqual(refusal(/a database of another program/));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("a newer schema", async () => {
    using folder = scratch();
    const file = folder.file("history.sqlite");
    await book(file);
    const { default: Libsql } = await import("libsql");
    const other = new Libsql(file);
    other.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    other.close();
    await expect(book(file)).rejects.toEqual(refusal(/it has version 2, and this st67-hil knows up to 1/));
    await expect(History.in(file)).rejects.toEqual(refusal(/version 2/));
  });

  test("a damaged one", async () => {
    using folder = scratch();
    const file = folder.file("history.sqlite");
    await book(file);
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096, bytes.length);
    writeFileSync(file, bytes);
    await expect(book(file)).rejects.toEqual(refusal(/it is damaged/));
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test.each([
    ["a folder", (path: string) => mkdirSync(path), /expected a file/],
    ["a folder beside it where its log would be", (path: string) => mkdirSync(`${path}-wal`), /-wal is no file/],
    ["a link beside it", (path: string) => symlinkSync("/etc/passwd", `${path}-journal`), /-journal is no file/],
    ["a path below a file", (path: string) => writeFileSync(path.replace(/\/[^/]+$/, ""), ""), /ENOTDIR/],
  ])("%s", async (what, put, why) => {
    using folder = scratch();
    const file = folder.file(what.includes("below") ? "file/history.sqlite" : "history.sqlite");
    put(file);
    await expect(book(file)).rejects.toEqual(refusal(why));
  });
});

const STRANGER = 12_345;

describe("what a stranger has put there is neither read nor written", () => {
  testAsRoot.each(["history.sqlite", "history.sqlite-wal", "history.sqlite-journal"])(
    `a file of theirs: %s${WITHOUT_ROOT}`,
    async (name) => {
      using folder = scratch();
      writeFileSync(folder.file(name), "");
      chownSync(folder.file(name), STRANGER, STRANGER);
      const book = bookRun(folder.file("history.sqlite"), storyOfNight(CASES), BOOKING);
      await expect(book).rejects.toThrow(`${name} belongs to another user (uid ${STRANGER})`);
      expect(readdirSync(folder.path)).toEqual([name]);
    },
  );

  testAsRoot(`a link of theirs, to a file of ours${WITHOUT_ROOT}`, async () => {
    using folder = scratch();
    writeFileSync(folder.file("precious"), "");
    symlinkSync("precious", folder.file("history.sqlite"));
    lchownSync(folder.file("history.sqlite"), STRANGER, STRANGER);
    const book = bookRun(folder.file("history.sqlite"), storyOfNight(CASES), BOOKING);
    await expect(book).rejects.toThrow(`belongs to another user (uid ${STRANGER})`);
    expect(readFileSync(folder.file("precious"), "utf8")).toBe("");
  });
});
