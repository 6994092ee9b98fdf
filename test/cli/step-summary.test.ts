import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { tellStep } from "../../harness/cli/run/step-summary.js";
import { storyOf } from "../../reports/story.js";
import { EVERY_VERDICT } from "../reports/support.js";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

const MiB = 1024 * 1024;

test("a run is appended to the summary of its GitHub step; rendering it again is not", async () => {
  using folder = scratch();
  const file = folder.file("step.md");
  writeFileSync(file, "before");
  const env = { GITHUB_STEP_SUMMARY: file };
  const out = folder.file("run");
  const run = await st67hil(["run", "boot-without-strap", "--out", out], { env });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const text = readFileSync(file, "utf8");
  expect(text).toBe(`before\n${readFileSync(folder.file("run/summary.md"), "utf8")}`);
  await expect(st67hil(["report", out], { env })).resolves.toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(file, "utf8")).toBe(text);
});

function almostFull(file: string): void {
  writeFileSync(file, "");
  truncateSync(file, MiB - 10);
}

test.each<[string, (file: string) => void, string]>([
  ["a folder", mkdirSync, "/step.md: expected a file"],
  ["a missing folder", () => undefined, "ENOENT"],
  ["a file that is almost full", almostFull, `${MiB - 10} bytes are there already`],
])("a summary that cannot be written is told: %s", (name, make, told) => {
  using folder = scratch();
  const file = folder.file(name.includes("missing") ? "none/step.md" : "step.md");
  make(file);
  const complaints: string[] = [];
  tellStep(storyOf(EVERY_VERDICT), (text) => complaints.push(text), file);
  expect(complaints).toEqual([expect.stringContaining(told)]);
  expect(complaints[0]).toMatch(/^GITHUB_STEP_SUMMARY: /);
});

test("without a step there is nothing to write, and nothing to complain of", () => {
  for (const file of [undefined, ""]) tellStep(storyOf(EVERY_VERDICT), (text) => expect(text).toBeUndefined(), file);
});
