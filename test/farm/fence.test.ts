import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { raiseFence } from "../../harness/farm/fence.js";
import { scratch } from "../support/scratch.js";

test("a fencing number that is not above all that were seen is too late", () => {
  using folder = scratch();
  raiseFence("bench-1", 7, folder.path);
  raiseFence("bench-1", 9, folder.path);
  for (const late of [9, 8, 1])
    expect(() => raiseFence("bench-1", late, folder.path)).toThrow(`fencing number ${late} comes after 9`);
  raiseFence("bench-1", 10, folder.path);
});

test("rigs have numbers of their own, whatever they are called", () => {
  using folder = scratch();
  raiseFence("bench/../1", 5, folder.path);
  raiseFence("bench 1", 3, folder.path);
  expect(readdirSync(folder.path)).toHaveLength(2);
});

test.each(["", "cafe\n", "-1\n", "9".repeat(40)])("a file that holds %j has seen nobody", (text) => {
  using folder = scratch();
  raiseFence("bench-1", 1, folder.path);
  const [name = ""] = readdirSync(folder.path);
  writeFileSync(join(folder.path, name), text);
  raiseFence("bench-1", 1, folder.path);
  expect(readFileSync(join(folder.path, name), "utf8")).toBe("1\n");
});
