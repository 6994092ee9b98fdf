import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { inProcess } from "../support/in-process.js";
import { eventsIn } from "../support/journal.js";
import { scratch } from "../support/scratch.js";

const own = `import { scenario } from "st67-hil";
export default scenario({
  name: "boots",
  parameters: ({ firmwares }) => firmwares.map((firmware) => ({ label: firmware.label, after: firmware })),
  async run({ flash, deadline }, { after }) {
    await flash(after);
  },
});
`;

test("two firmwares take turns on one rig, and every report tells what came of it", async () => {
  using folder = scratch();
  const { writeFileSync } = await import("node:fs");
  writeFileSync(folder.file("own.ts"), own);
  const which = ["--a", "t01@2.0.97", "--b", "t01@2.0.106", "--cycles", "2", "--scenario", "boots"];
  const files = ["--scenarios", folder.file("own.ts"), "--out", folder.file("out")];
  const run = await st67hil(["ab", ...which, ...files, "--json"]);
  const { decision, a, b, stages, interrupted } = JSON.parse(run.stdout);
  expect({ code: run.code, decision, interrupted }).toEqual({ code: 2, decision: "too few", interrupted: false });
  expect([a, b]).toMatchObject([
    { firmware: "t01@2.0.97", cycles: 2 },
    { firmware: "t01@2.0.106", cycles: 2 },
  ]);
  expect(stages.map(({ stage }: { stage: string }) => stage)).toContain("erase-chip");
  const names = eventsIn(folder.file("out/events.jsonl")).flatMap((each) =>
    each.type === "case.ended" ? [each.case] : [],
  );
  expect(names).toEqual([
    "A boots t01@2.0.97",
    "B boots t01@2.0.106",
    "A boots t01@2.0.97 #2",
    "B boots t01@2.0.106 #2",
  ]);
  expect(readFileSync(folder.file("out/summary.md"), "utf8")).toContain("**too few cycles passed to tell**");
  expect(readFileSync(folder.file("out/junit.xml"), "utf8")).toContain("ab t01@2.0.97 t01@2.0.106");
});

test.each([
  [["--a", "t01", "--b", "t01@2.0.106"], '--a: expected a firmware as t01@2.0.106, got "t01"'],
  [["--a", "t03@2.0.97", "--b", "t01@2.0.106"], "--a: expected a firmware"],
  [["--a", "t01@2.0.97", "--b", "t01@2.0.106", "--relevance", "0"], "--relevance: expected a share"],
  [["--a", "t01@2.0.97"], "expected --b"],
  [["--a", "t01@2.0.97", "--b", "t01@2.0.106", "--cycles", "10001"], "--cycles: expected a whole number of at least 1"],
  [["--a", "t01@2.0.97", "--b", "t01@2.0.106", "--rig", "sim", "--rig", "sim"], "--rig"],
])("ab %j is refused before anything is done", async (args, told) => {
  using folder = scratch();
  const { code, stderr } = await inProcess(["ab", ...args, "--out", folder.file("out")]);
  expect({ code, told: stderr.includes(told) ? told : stderr }).toEqual({ code: 2, told });
});

test("a firmware that is not in the package is told", async () => {
  using folder = scratch();
  const { code, stderr } = await st67hil(["ab", "--a", "t01@2.0.97", "--b", "t01@9.9.9", "--out", folder.file("out")]);
  expect(code).toBe(2);
  expect(stderr).toContain("9.9.9");
});
