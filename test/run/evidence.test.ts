import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Fact } from "../../harness/base/events.js";
import { Evidence, folderOf } from "../../harness/run/evidence.js";
import { scratch } from "../support/scratch.js";

function evidenceOf(folder: string, name = "one") {
  const facts: Fact[] = [];
  return { facts, evidence: new Evidence(folder, name, (fact) => void facts.push(fact)) };
}

test("no two cases share a folder, whatever their names lose on the way there", () => {
  const names = [
    "temp +5",
    "temp -5",
    "temp 5",
    "temp-5",
    "Temp-5",
    "temp 5 ",
    "x".repeat(300),
    "x".repeat(301),
    "..",
    "",
  ];
  expect(new Set(names.map(folderOf)).size).toBe(names.length);
  expect(folderOf("identify")).toBe("cases/identify");
  for (const name of names) expect(folderOf(name)).toMatch(/^cases\/[A-Za-z0-9.-]+$/);
});

test("what an attempt printed that begins anew is not mixed with what it printed before it was cut off", () => {
  using folder = scratch();
  for (const text of ["before", "after"]) {
    const { evidence } = evidenceOf(folder.path);
    for (const part of [text, "\n"]) evidence.print(part);
    evidence.emit({ type: "note", case: "one", message: text.repeat(2000) });
  }
  expect(readFileSync(join(folder.path, "cases/one/output.txt"), "utf8")).toBe("after\n");
  expect(readFileSync(join(folder.path, "cases/one/whole-texts.txt"), "utf8")).not.toContain("before");
});

test("a file that is attached again is numbered", () => {
  using folder = scratch();
  const { facts, evidence } = evidenceOf(folder.path);
  for (const text of ["first", "second", "third"]) evidence.attach("log.txt", text);
  evidence.attach("LOG.txt", "fourth");
  const files = facts.map((fact) => (fact.type === "attachment" ? fact.file : ""));
  expect(files).toEqual(["log.txt", "log-2.txt", "log-3.txt", "LOG-4.txt"].map((name) => `cases/one/${name}`));
  expect(files.map((file) => readFileSync(join(folder.path, file), "utf8"))).toEqual([
    "first",
    "second",
    "third",
    "fourth",
  ]);
});

test("a long text is cut, and kept whole in a file", () => {
  using folder = scratch();
  const { facts, evidence } = evidenceOf(folder.path);
  evidence.emit({ type: "note", case: "one", message: "x".repeat(1_000_000) });
  const fault = { code: "SCENARIO_THREW", blame: "harness", message: "y".repeat(1_000_000), advice: "" } as const;
  const bounded = evidence.boundedFault({ ...fault, details: { all: "z".repeat(100_000) } });
  expect(JSON.stringify([...facts, bounded]).length).toBeLessThan(20_000);
  const whole = readFileSync(join(folder.path, "cases/one/whole-texts.txt"), "utf8");
  for (const text of ["x".repeat(1_000_000), "y".repeat(1_000_000), "z".repeat(100_000)]) expect(whole).toContain(text);
  expect(facts.filter(({ type }) => type === "attachment")).toHaveLength(1);
});

test("what is printed without end fills no disk, and its end is told", () => {
  using folder = scratch();
  const { facts, evidence } = evidenceOf(folder.path);
  evidence.end();
  expect(existsSync(join(folder.path, "cases"))).toBe(false);
  evidence.print("the beginning\n");
  for (let count = 0; count < 40; count++) evidence.print("x".repeat(1024 * 1024));
  evidence.print("\nthe end\n");
  evidence.end();
  const output = facts.find(({ type }) => type === "output");
  expect(output).toMatchObject({ text: expect.stringMatching(/^the beginning.*characters more.*the end\n$/s) });
  expect(readFileSync(join(folder.path, "cases/one/output.txt")).length).toBeLessThan(17 * 1024 * 1024);
});
