import { expect, test } from "@jest/globals";
import { Cleanup, LastResort } from "../../harness/base/cleanup.js";

test("undoes newest first, and every step, even after one has thrown", async () => {
  const done: string[] = [];
  const cleanup = new Cleanup();
  cleanup.defer(async () => void done.push("first"));
  cleanup.defer(async () => {
    throw new Error("stuck");
  });
  cleanup.defer(async () => void done.push("last"));
  await expect(cleanup[Symbol.asyncDispose]()).rejects.toThrow("stuck");
  expect(done).toEqual(["last", "first"]);
});

test("what was handed over is not undone here", async () => {
  const done: string[] = [];
  let heir: Cleanup;
  {
    await using cleanup = new Cleanup();
    cleanup.defer(async () => void done.push("undone"));
    heir = cleanup.move();
  }
  expect(done).toEqual([]);
  await heir[Symbol.asyncDispose]();
  expect(done).toEqual(["undone"]);
});

test("the last resort takes every step once, whatever another one does", async () => {
  const done: string[] = [];
  const resort = new LastResort();
  resort.add(async () => void done.push("first"));
  resort.add(async () => {
    throw new Error("stuck");
  });
  const takeBack = resort.add(async () => void done.push("taken back"));
  resort.add(async () => void done.push("last"));
  takeBack();
  expect(await resort.run()).toEqual([new Error("stuck")]);
  expect(await resort.run()).toEqual([]);
  expect(done).toEqual(["first", "last"]);
});
