import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { inProcess } from "../support/in-process.js";
import { eventsIn } from "../support/journal.js";
import { labels, own, scenariosIn } from "../support/lane-run.js";
import { type Scratch, scratch } from "../support/scratch.js";

const FAILS_OFTEN = own("often", "if (random() < 0.5) expect(1).toBe(2);").replace(
  "skip, step }",
  "skip, step, random }",
);

const stress = (folder: Scratch, file: string, ...args: string[]) => {
  const [, ...given] = scenariosIn(folder, { own: file });
  return st67hil(["stress", ...given, "--out", folder.file("out"), ...args]);
};

test("72 clean cycles accept, in turn and in an order of their own, and the run is as any other", async () => {
  using folder = scratch();
  const run = await stress(folder, own("clean", "note(label);", labels("a", "b", "c")), "clean", "--json");
  expect(run.code).toBe(0);
  const { decision, cycles, failures, states, bound } = JSON.parse(run.stdout);
  expect({ decision, cycles, failures, ok: states.ok }).toEqual({
    decision: "accept",
    cycles: 72,
    failures: 0,
    ok: 72,
  });
  expect(bound).toBeCloseTo(0.04075, 4);
  const names = eventsIn(folder.file("out/events.jsonl")).flatMap((each) =>
    each.type === "case.started" ? [each.case] : [],
  );
  expect(names.slice(0, 3).sort()).toEqual(["clean a", "clean b", "clean c"]);
  expect(names.slice(69).sort()).toEqual(["clean a #24", "clean b #24", "clean c #24"]);
  expect(new Set(names.map((name) => name.slice(0, 7)).reduce<string[]>(threes, []))).not.toHaveProperty("size", 1);
  expect(run.stderr).toContain("LLR -2.97 (accepts at -2.94, rejects at 2.94)");
  expect(readFileSync(folder.file("out/summary.md"), "utf8")).toContain("**Accepted**: 72 cycles, 0 failures");
});

/** Names in threes: a round each. */
const threes = (rounds: string[], name: string, at: number): string[] =>
  at % 3 === 0 ? [...rounds, name] : [...rounds.slice(0, -1), `${rounds.at(-1)} ${name}`];

test("a module that fails every other time is rejected, and the reports say so", async () => {
  using folder = scratch();
  const run = await stress(folder, FAILS_OFTEN, "often");
  expect(run.code).toBe(1);
  expect(run.stdout).toMatch(/sim: rejected after \d+ cycles: \d+ ok, \d+ failed/);
  expect(readFileSync(folder.file("out/junit.xml"), "utf8")).toContain("stress often on sim");
  const again = await inProcess(["report", folder.file("out")]);
  expect(again.code).toBe(0);
  expect(readFileSync(folder.file("out/summary.md"), "utf8")).toContain("**Rejected**");
});

test("what is not the module's fault is in no number, and ends it when it goes on", async () => {
  using folder = scratch();
  const run = await stress(folder, own("ours", 'throw new Error("ours");'), "ours", "--json");
  expect(run.code).toBe(2);
  expect(JSON.parse(run.stdout)).toMatchObject({ decision: "undecided", cycles: 0, failures: 0, bound: 1, outside: 3 });
  expect(run.stderr).toContain("no decision: 3 cycles in a row said nothing of the module");
});

test("a time that is up leaves it undecided", async () => {
  using folder = scratch();
  const body = "await deadline.sleep(1000);";
  const run = await stress(folder, own("slow", body), "slow", "--cycles", "50", "--time-budget", "10s", "--json");
  expect(run.code).toBe(2);
  expect(JSON.parse(run.stdout)).toMatchObject({ decision: "undecided", failures: 0 });
  expect(run.stderr).toContain("--time-budget 10s");
});

test("two rigs are decided on by themselves, and one that is rejected decides for both", async () => {
  using folder = scratch();
  const body = 'const session = await openSession(); expect(session.info.chipId).toBe("40827b037742");';
  const { writeFileSync } = await import("node:fs");
  const other = folder.file("other.yaml");
  writeFileSync(other, "name: other\nstraps: { driver: sim }\nsim: { chipId: 40827b037743 }\n");
  const run = await stress(
    folder,
    own("same", body),
    "same",
    "--rig",
    "sim",
    "--rig",
    other,
    "--cycles",
    "3",
    "--json",
  );
  const { decision, rigs, cycles } = JSON.parse(run.stdout);
  expect({ code: run.code, decision, cycles }).toEqual({ code: 1, decision: "reject", cycles: 6 });
  expect(rigs).toMatchObject([
    { rig: "sim", decision: "undecided", failures: 0 },
    { rig: "other", decision: "reject", failures: 3 },
  ]);
  const names = eventsIn(folder.file("out/events.jsonl")).flatMap((each) =>
    each.type === "case.started" ? [each.case] : [],
  );
  expect(new Set(names).size).toBe(6);
});

test.each([
  [["reflash", "--cycles", "0"], "--cycles: expected a whole number of at least 1"],
  [["reflash", "--cycles", "5", "--sprt"], "--cycles and --sprt"],
  [["reflash", "--cycles", "5", "--max", "9"], "--max goes with --sprt"],
  [["reflash", "--p0", "5%", "--p1", "1%"], "what is good enough is below what is not"],
  [["reflash", "--cycles", "1000000001"], "--cycles: expected a whole number of at least 1 and at most 1000000000"],
  [["reflash", "--max", "1000000001"], "--max: expected a whole number of at least 1 and at most 1000000000"],
  [["reflash", "--p0", "0.49999999999999994", "--p1", "0.5"], "--p0 and --p1: to tell 0.49999999999999994 from 0.5"],
  [["reflash", "--p0", "0"], "--p0: expected a share above 0"],
  [["reflash", "--p1", "5 percent"], "--p1: expected a share"],
  [["reflash", "--alpha", "50%"], "--alpha: expected a share above 0 and below 0.5"],
  [[], "expected <scenario>, got none"],
])("stress %j is refused before anything is done", async (args, told) => {
  using folder = scratch();
  const { code, stderr } = await inProcess(["stress", ...args, "--out", folder.file("out")]);
  expect({ code, told: stderr.toLowerCase().includes(told.toLowerCase()) ? told : stderr }).toEqual({ code: 2, told });
});

test("a scenario that there is not is told by name", async () => {
  using folder = scratch();
  const { code, stderr } = await st67hil(["stress", "reflesh", "--out", folder.file("out")]);
  expect(code).toBe(2);
  expect(stderr).toContain('no scenario and no case is called "reflesh"; did you mean reflash');
});

test("a stress run is not gone on with", async () => {
  using folder = scratch();
  await stress(folder, own("one", "note(label);"), "one", "--cycles", "1");
  const { code, stderr } = await inProcess(["run", "--resume", folder.file("out")]);
  expect(code).toBe(2);
  expect(stderr).toContain("that is no run of `st67-hil run`");
});
