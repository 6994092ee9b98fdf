import { expect, test } from "@jest/globals";
import { byValue } from "../../harness/history/value.js";

test("what tells most comes first: what did not pass, what is new, what passed the longest ago; else the order stays", () => {
  const cases = ["recent", "old", "new firmware", "never", "failed", "broken", "old too"].map((name) => ({
    name,
    sha256: name === "new firmware" ? "b" : "a",
  }));
  const at = (name: string, day: number, verdict: "passed" | "failed" | "broken" = "passed") => ({
    ...{ name, verdict, sha256: "a", wallTime: `2025-11-${day}T02:00:00.000Z` },
  });
  const judged = [
    ...[at("recent", 22), at("old", 11), at("old too", 11), at("new firmware", 10)],
    ...[at("failed", 22, "failed"), at("broken", 12, "broken"), at("gone", 22, "failed")],
  ];
  const names = byValue(cases, judged).map((group) => group.map(({ name }) => name));
  expect(names).toEqual([["failed", "broken"], ["new firmware", "never"], ["old", "old too"], ["recent"]]);
  expect(byValue(cases, [])).toEqual([cases]);
});
