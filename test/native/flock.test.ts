import { closeSync, openSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { tryFlock } from "../../harness/native/flock.js";
import { scratch } from "../support/scratch.js";

test("one opening of a file at a time, until it is closed", () => {
  using folder = scratch();
  const [first, second] = [openSync(folder.file("lock"), "w"), openSync(folder.file("lock"), "r")];
  expect(tryFlock(first)).toBe(true);
  expect(tryFlock(first)).toBe(true);
  expect(tryFlock(second)).toBe(false);
  closeSync(first);
  expect(tryFlock(second)).toBe(true);
  closeSync(second);
});

test("what is no open file is told", () => {
  expect(() => tryFlock(-1)).toThrow(
    expect.objectContaining({ code: "FILE_UNWRITABLE", message: "flock: expected a lock, got errno 9" }),
  );
});
