import { describe, expect, test } from "@jest/globals";
import type { Verdict } from "../../harness/base/events.js";
import type { PastJudgement } from "../../harness/history/history.js";
import type { Judged } from "../../harness/history/judged.js";
import { failsSince } from "../../harness/history/since.js";

interface Named {
  readonly name?: string;
  readonly sha256?: string | undefined;
  readonly profile?: string;
}

const judged = (
  version: string,
  verdict: Verdict,
  { name, sha256 = version, profile = "t01" }: Named = {},
): Judged => ({
  name: name ?? `soak ${profile}@${version}`,
  ...{ scenario: "soak", rig: "pi", verdict, stages: new Map() },
  firmware: { profile, version, sha256 },
});
const past = (version: string, verdict: "passed" | "failed", named: Named = {}): PastJudgement => {
  const { name, scenario } = judged(version, verdict, named);
  return { name, scenario, profile: named.profile ?? "t01", version, sha256: named.sha256 ?? version, verdict };
};

const FAILED = judged("2.0.106", "failed");

describe("since when a case fails", () => {
  test.each<[string, Judged[], PastJudgement[], object | undefined]>([
    ["no other firmware was judged", [FAILED], [], undefined],
    ["the one before passed", [judged("2.0.97", "passed")], [], { label: "t01@2.0.106", passed: "2.0.97" }],
    [
      "two fail, by number and not by letters",
      [judged("2.0.97", "passed"), judged("2.0.104", "failed")],
      [],
      { label: "t01@2.0.104", passed: "2.0.97" },
    ],
    ["all fail that were tried", [judged("2.0.97", "failed")], [], { label: "t01@2.0.97" }],
    [
      "a newer one that passes changes nothing",
      [judged("2.0.110", "passed"), judged("2.0.97", "passed")],
      [],
      { label: "t01@2.0.106", passed: "2.0.97" },
    ],
    ["the past knows", [FAILED], [past("2.0.97", "passed")], { label: "t01@2.0.106", passed: "2.0.97" }],
    [
      "this run counts before the past",
      [judged("2.0.97", "passed")],
      [past("2.0.97", "failed")],
      { label: "t01@2.0.106", passed: "2.0.97" },
    ],
    ["broken ones judge nothing", [judged("2.0.97", "broken")], [], undefined],
    ["another profile is no sibling", [judged("2.0.97", "passed", { profile: "t02" })], [], undefined],
    [
      "the same image under another name is the same firmware",
      [],
      [past("2.0.97", "passed", { sha256: "2.0.106" })],
      undefined,
    ],
    [
      "two images of one version",
      [],
      [past("2.0.106", "passed", { sha256: "0123456789ab" })],
      { label: "t01@2.0.106", passed: "2.0.106 (01234567)" },
    ],
  ])("%s", (_, run, before, expected) => {
    expect(failsSince(FAILED, run, before)).toEqual(expected);
  });

  test.each([
    ["x t01@2.0.97 -> t02@2.0.106", "x t01@2.0.97 -> t02@2.0.97", true],
    ["x t01@2.0.106 -> t02@2.0.106", "x t01@2.0.97 -> t02@2.0.97", true],
    ["x t01@2.0.106 -> t02@2.0.106", "x t01@2.0.106 -> t02@2.0.97", true],
    ["x t01@2.0.97 -> t02@2.0.106", "x t02@2.0.97 -> t02@2.0.97", false],
    ["x t02@2.0.106 fast", "x t02@2.0.97 slow", false],
    ["whatever is on it", "whatever is on it", true],
  ])("%s and %s are siblings: %s", (name, other, are) => {
    const found = failsSince(
      judged("2.0.106", "failed", { name, profile: "t02" }),
      [],
      [past("2.0.97", "passed", { name: other, profile: "t02" })],
    );
    expect(found !== undefined).toBe(are);
  });
});
