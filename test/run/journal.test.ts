import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { HarnessError } from "../../harness/base/errors.js";
import type { Fact } from "../../harness/base/events.js";
import { Journal } from "../../harness/run/journal.js";
import { scratch } from "../support/scratch.js";

const note = { type: "note", case: "one", message: "x" } as const;
const ended = { type: "case.ended", case: "one", scenario: "one", rig: "sim", verdict: "passed" } as const;

/** What a journal says of itself after `harm` was done to its folder. */
function lostBy(harm: (file: string, folder: string) => void, fact: Fact = ended): string[] {
  using folder = scratch();
  const lost: HarnessError[] = [];
  using journal = new Journal(folder.file("run"), [], (error) => void lost.push(error));
  journal.emit(note, 0);
  harm(folder.file("run/events.jsonl"), folder.file("run"));
  journal.emit(fact, 1);
  return lost.map(({ code, message }) => `${code} ${message}`);
}

test("a journal that nobody harms is whole", () => {
  expect(lostBy(() => undefined)).toEqual([]);
});

test.each([
  ["the run's folder is removed", (_: string, folder: string) => rmSync(folder, { recursive: true }), "removed"],
  ["the file is removed", (file: string) => rmSync(file), "removed"],
  ["another one is in its place", replaced, "replaced"],
  ["somebody writes into it", (file: string) => appendFileSync(file, "{}\n"), "written into it"],
  ["it is cut", (file: string) => truncateSync(file, 0), "written into it"],
])("%s: the run is told, and cannot end well", (_, harm, told) => {
  const retried = { type: "case.retried", case: "one", rig: "sim", verdict: "failed" } as const;
  for (const fact of [ended, retried])
    expect(lostBy(harm, fact)).toEqual([expect.stringMatching(new RegExp(`^FILE_UNWRITABLE .*${told}`))]);
});

function replaced(file: string): void {
  renameSync(file, `${file}.old`);
  writeFileSync(file, "");
}
