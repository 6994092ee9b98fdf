import { expect, test } from "@jest/globals";
import { play } from "../support/play.js";

test("a loop of notes makes no journal without end: the rest is in a file, which has its limit too", async () => {
  const { verdict, facts } = await play(({ note }) => {
    for (let count = 0; count < 30_000; count++) note?.(`note ${count}`);
  });
  expect(verdict).toBe("passed");
  expect(facts.length).toBeLessThan(10_010);
  expect(facts).toContainEqual(
    expect.objectContaining({ type: "note", message: expect.stringContaining("more than 10000 notes") }),
  );
  expect(facts).toContainEqual(expect.objectContaining({ type: "attachment", name: "whole-texts.txt" }));
});

test("the reason of a skip and the advice of an error are cut as all texts are", async () => {
  const long = "x".repeat(1_000_000);
  const skipped = await play(({ skip }) => skip?.(long));
  const { HarnessError } = await import("../../harness/base/errors.js");
  const broken = await play(() => {
    throw new HarnessError("BOOT_INFO_CORRUPT", "noise", { advice: long });
  });
  for (const ended of [skipped, broken]) expect(JSON.stringify(ended).length).toBeLessThan(20_000);
});
