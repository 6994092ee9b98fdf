import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { bookRun } from "../../harness/history/book.js";
import { History } from "../../harness/history/history.js";
import { type Planted, plantRun, storyOfNight } from "../history/support.js";
import { fault } from "../reports/support.js";
import { st67hil } from "../support/cli.js";
import { inProcess } from "../support/in-process.js";
import { eventsIn } from "../support/journal.js";
import { labels, own, scenariosIn } from "../support/lane-run.js";
import { Running } from "../support/running.js";
import { type Scratch, scratch } from "../support/scratch.js";

const CASES: readonly Planted[] = ["2.0.97", "2.0.106"].map((version) => ({
  name: `soak t01@${version}`,
  ...{ scenario: "soak", firmware: `t01@${version}`, sha256: `of ${version}` },
  stages: { "erase-chip": 10, write: 200 },
}));
const failing = CASES.map((each) => (each.name.endsWith("106") ? { ...each, verdict: "failed" as const } : each));

async function book(folder: Scratch, runId: string, cases = CASES, night: object = {}, exitCode = 0): Promise<void> {
  const story = storyOfNight(cases, { runId, wallTime: `2025-11-2${runId.length}T02:00:00.000Z`, ...night });
  await bookRun(folder.file("out/history.sqlite"), story, { folder: `out/${runId}`, exitCode });
}

const json = async (args: readonly string[], cwd: string) => {
  const { stdout, ...ended } = await inProcess([...args, "--json"], { cwd });
  return { ...ended, document: JSON.parse(stdout) };
};

describe("history", () => {
  test("newest first, with what each run came to", async () => {
    using folder = scratch();
    await book(folder, "a");
    await book(folder, "bb", failing, {}, 1);
    await book(folder, "ccc", [], { interrupted: true }, 130);
    const { stdout, code } = await inProcess(["history"], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout.replace(/ +/g, " ")).toBe(
      [
        "when run verdict cases firmwares",
        "2025-11-23 02:00:00Z ccc interrupted",
        "2025-11-22 02:00:00Z bb failed 1 passed, 1 failed t01@2.0.106 t01@2.0.97",
        "2025-11-21 02:00:00Z a passed 2 passed t01@2.0.106 t01@2.0.97",
        "",
      ].join("\n"),
    );
    const { document } = await json(["history"], folder.path);
    expect(document.runs.map((run: { runId: string }) => run.runId)).toEqual(["ccc", "bb", "a"]);
    expect(document.firmwares).toEqual([
      { sha256: "of 2.0.106", profile: "t01", version: "2.0.106", labels: ["t01@2.0.106"] },
      { sha256: "of 2.0.97", profile: "t01", version: "2.0.97", labels: ["t01@2.0.97"] },
    ]);
    expect((await inProcess(["history", "--last", "1"], { cwd: folder.path })).stdout).toContain("... and 2 older");
  });

  test("worn modules and retired rigs are told below", async () => {
    using folder = scratch();
    const facts = [{ type: "rig.retired", rig: "pi", fault: fault("BOOT is stuck") }];
    const wear = { type: "wear", case: "w", chip: "40827b037742", first: 16, sectors: 1 } as const;
    await book(folder, "a", [{ name: "w", facts: [wear, wear] }], { facts, rigs: ["pi"] }, 2);
    const { stdout } = await inProcess(["history"], { cwd: folder.path });
    expect(stdout).toContain("module 40827b037742: its most erased sector, 16, was erased 2 times\n");
    expect(stdout).toContain("retired pi: by a: VERIFY_MISMATCH: BOOT is stuck\n");
  });

  test("the trend of a stage: median and count, by run and firmware, newest last", async () => {
    using folder = scratch();
    await book(folder, "a");
    await book(folder, "bb", failing, {}, 1);
    const { document } = await json(["history", "trend", "erase-chip"], folder.path);
    expect(document.runs).toMatchObject([
      { runId: "a", firmware: "t01@2.0.106", medianMs: 10, count: 1 },
      { runId: "a", firmware: "t01@2.0.97", medianMs: 10, count: 1 },
      { runId: "bb", firmware: "t01@2.0.97", medianMs: 10, count: 1 },
    ]);
    const { stdout } = await inProcess(["history", "trend", "write"], { cwd: folder.path });
    expect(stdout).toMatch(/2025-11-21 02:00:00Z {2}a {4}t01@2.0.106 {2}200.0 ms {2}1\n/);
  });

  test.each([
    [["trend", "erase-chop"], "USAGE", 'no stage is called "erase-chop"; did you mean erase-chip?'],
    [["--history", "none.sqlite"], "FILE_UNREADABLE", "none.sqlite: expected a history of runs, got nothing"],
    [["trend", "write", "--history", "diary"], "HISTORY_UNUSABLE", "diary: it is no SQLite database"],
    [["rebuild", "--history", "diary"], "HISTORY_UNUSABLE", "diary: it is no SQLite database"],
  ])("history %j is refused", async (args, code, message) => {
    using folder = scratch();
    await book(folder, "a");
    writeFileSync(folder.file("diary"), "today ".repeat(500));
    const ended = await inProcess(["history", ...args], { cwd: folder.path });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(`error ${code} (config): `) });
    expect(ended.stderr).toContain(message);
    expect(readFileSync(folder.file("diary"), "utf8")).toBe("today ".repeat(500));
    expect(readdirSync(folder.path).sort()).toEqual(["diary", "out"]);
  });
});

describe("history rebuild", () => {
  test("reads every run again, tells those that cannot be read, and keeps what no journal tells", async () => {
    using folder = scratch();
    const out = folder.file("out");
    const facts = [{ type: "rig.retired", rig: "pi", fault: fault("BOOT is stuck") } as const];
    plantRun(out, "one", CASES, { facts, rigs: ["pi"] });
    plantRun(out, "two", failing);
    mkdirSync(folder.file("out/three"));
    writeFileSync(folder.file("out/three/events.jsonl"), '{"type":"nonsense"}\n');
    await book(folder, "gone");
    const first = await json(["history", "rebuild"], folder.path);
    expect(first).toMatchObject({ code: 0, document: { booked: 2, kept: 1 } });
    expect(first.document.unreadable).toMatchObject([{ folder: "out/three" }]);
    expect(first.stderr).toContain("warning: out/three: not read: ");
    const { History } = await import("../../harness/history/history.js");
    {
      using history = await History.in(folder.file("out/history.sqlite"));
      expect(history?.retired()).toHaveLength(1);
      history?.readmit("pi", "2025-11-23T00:00:00.000Z", "t02@2.0.106");
    }
    await inProcess(["history", "rebuild"], { cwd: folder.path });
    const { document } = await json(["history"], folder.path);
    expect(document.retired).toEqual([]);
    expect(document.runs).toMatchObject([
      { runId: "gone", exitCode: 0 },
      { runId: "two", exitCode: 1, folder: "out/two" },
      { runId: "one", exitCode: 2, folder: "out/one" },
    ]);
  });

  test("a damaged history is put aside, and a new one takes its place", async () => {
    using folder = scratch();
    plantRun(folder.file("out"), "one", CASES);
    for (const [text, aside] of [
      ["zeros ", "history.sqlite.damaged"],
      ["ones ", "history.sqlite.damaged-2"],
    ] as const) {
      writeFileSync(folder.file("out/history.sqlite"), text.repeat(999));
      const ended = await inProcess(["history", "rebuild"], { cwd: folder.path });
      expect(ended).toMatchObject({ code: 0, stdout: "out/history.sqlite: 1 run read\n" });
      expect(ended.stderr).toContain(`lies in ${folder.file(`out/${aside}`)} now`);
      expect(readFileSync(folder.file(`out/${aside}`), "utf8")).toBe(text.repeat(999));
      expect((await json(["history"], folder.path)).document.runs).toHaveLength(1);
    }
    const files = readdirSync(folder.file("out")).filter((name) => !/-(wal|shm)$/.test(name));
    expect(files.sort()).toEqual(["history.sqlite", "history.sqlite.damaged", "history.sqlite.damaged-2", "one"]);
  });
});

describe("compare", () => {
  test("by folders, with what past runs know of the firmwares, and an exit code", async () => {
    using folder = scratch();
    const out = folder.file("out");
    plantRun(out, "before", [], {});
    plantRun(out, "now", failing.slice(1));
    await book(folder, "a", CASES.slice(0, 1));
    const { code, stdout } = await inProcess(["compare", "out/before", "out/now"], { cwd: folder.path });
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        "now compared with before of 2025-11-22T02:00:00.000Z:",
        "new            soak t01@2.0.106: VERIFY_MISMATCH: soak t01@2.0.106 is wrong",
        "               fails since t01@2.0.106; passed with 2.0.97",
        "in doubt       no case was judged both times",
        "1 new",
        "",
      ].join("\n"),
    );
    const { document } = await json(["compare", "out/before", "out/now"], folder.path);
    expect(document).toMatchObject({
      exitCode: 1,
      changes: [{ case: "soak t01@2.0.106", change: "new", since: { label: "t01@2.0.106", passed: "2.0.97" } }],
    });
  });

  test("a stage that is slower is a regression, in the document too", async () => {
    using folder = scratch();
    const rounds = (ms: number) =>
      Array.from({ length: 6 }, (_, at) => ({ name: at === 0 ? "a" : `a #${at + 1}`, stages: { erase: ms + at / 9 } }));
    plantRun(folder.path, "before", rounds(100));
    plantRun(folder.path, "now", rounds(120));
    const { code, document } = await json(["compare", "before", "now"], folder.path);
    expect({ code, document }).toMatchObject({
      code: 1,
      document: {
        exitCode: 1,
        changes: [],
        timing: [{ stage: "erase", change: "slower", before: { n: 6 }, after: { n: 6 }, interval: "95 %" }],
      },
    });
    expect(await inProcess(["compare", "now", "before"], { cwd: folder.path })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nfaster {9}erase: -16\.\d % .*\n1 stage faster\n$/),
    });
  });

  test("by ids, when the folders are gone", async () => {
    using folder = scratch();
    await book(folder, "a", failing, {}, 1);
    await book(folder, "bb");
    const { code, stdout } = await inProcess(["compare", "a", "out/bb"], { cwd: folder.path });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "bb compared with a of 2025-11-21T02:00:00.000Z:\nfixed          soak t01@2.0.106\n1 fixed\n",
    });
  });

  test("two folders need no history, not even a good one", async () => {
    using folder = scratch();
    for (const name of ["one", "two"]) plantRun(folder.path, name, CASES);
    writeFileSync(folder.file("history.sqlite"), "no database".repeat(99));
    const ended = await inProcess(["compare", "one", "two"], { cwd: folder.path });
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("warning: past runs are not asked: ") });
    expect(ended.stdout).toContain("no change");
  });

  test.each([
    [["bb", "a"], "bb: no events.jsonl is in there, and out/history.sqlite knows no run of this id"],
    [
      ["monday", "mondaz"],
      "mondaz: no events.jsonl is in there, and out/history.sqlite knows no run of this id; did you mean monday?",
    ],
  ])("%j: a run that there is not is refused", async (args, message) => {
    using folder = scratch();
    await book(folder, "monday");
    const ended = await inProcess(["compare", ...args], { cwd: folder.path });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe("run", () => {
  // The dispatcher starts processes of the built program: a few runs only.
  test("books itself beside its folder, is compared with the last good one, and leaves the rest to its own verdict", async () => {
    using folder = scratch();
    const args = ["run", "identify", "boot-without-strap"];
    const refused = await st67hil([...args, "--baseline", "last-good"], { cwd: folder.path });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--baseline last-good: ") });
    expect(readdirSync(folder.path)).toEqual([]);
    expect(await st67hil(args, { cwd: folder.path })).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await st67hil([...args, "--baseline", "last-good", "--json"], { cwd: folder.path });
    const document = JSON.parse(stdout);
    expect({ code, changes: document.comparison.changes }).toEqual({ code: 0, changes: [] });
    expect(document.cases).toHaveLength(2);
    expect((await json(["history"], folder.path)).document.runs).toMatchObject([
      { exitCode: 0, simulated: true, counts: { passed: 2 } },
      { runId: document.comparison.before.runId },
    ]);
  });

  test("a retired rig is refused before anything is touched, with the reason and the way back", async () => {
    using folder = scratch();
    const facts = [{ type: "rig.retired", rig: "sim", fault: { ...fault("BOOT is stuck"), code: "RIG_NOT_SAFE" } }];
    await book(folder, "a", CASES, { facts });
    const ended = await st67hil(["run", "identify"], { cwd: folder.path });
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /error RIG_RETIRED \(rig\): sim: the run a of .* retired it: RIG_NOT_SAFE: BOOT is stuck/,
      ),
    });
    expect(ended.stderr).toContain("st67-hil rig readmit --rig sim --firmware DIR");
    expect(readdirSync(folder.file("out")).filter((name) => !name.startsWith("history"))).toEqual([]);
  });

  test("a rig that is retired stays so though the run is killed before its end", async () => {
    using folder = scratch();
    for (const [name, sim] of [
      ["one", "labels: [first]\nsim: { state: module.bin }"],
      ["two", "labels: [second]"],
    ])
      writeFileSync(folder.file(`${name}.yaml`), `name: ${name}-${process.pid}\nstraps: { driver: sim }\n${sim}\n`);
    const scenarios = scenariosIn(folder, {
      // The module's file is no module any more: no lane can open the rig again.
      breaks: own(
        "breaks",
        `(await import("node:fs")).writeFileSync(${JSON.stringify(folder.file("module.bin"))}, "no module");
         process.kill(process.pid, "SIGKILL");`,
        `needs: ["first"], ${labels("1", "2")}`,
      ),
      // So long the run goes on.
      waits: own("waits", "await new Promise((done) => setTimeout(done, 1e6));", 'needs: ["second"],'),
    });
    const rigs = ["--rig", folder.file("one.yaml"), "--rig", folder.file("two.yaml")];
    await using run = new Running([...scenarios, ...rigs], folder.path);
    const retired = async (): Promise<readonly { readonly rig: string }[]> => {
      using history = await History.in(folder.file("out/history.sqlite"));
      return history?.retired() ?? [];
    };
    await run.until(async () => (await retired()).length > 0);
    run.signal("SIGKILL");
    await run.ended();
    expect(await retired()).toMatchObject([{ rig: `one-${process.pid}` }]);
  });

  test("a history that cannot be used is a warning, stays as it is, and is no verdict", async () => {
    using folder = scratch();
    writeFileSync(folder.file("diary"), "today ".repeat(500));
    const ended = await st67hil(["run", "identify", "--history", "diary", "--out", "r"], { cwd: folder.path });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain(
      "warning: what past runs say of the rigs is unknown: diary: it is no SQLite database",
    );
    expect(ended.stderr).toContain("warning: this run is not in the history: diary: it is no SQLite database");
    expect(readFileSync(folder.file("diary"), "utf8")).toBe("today ".repeat(500));
    expect(existsSync(folder.file("r/junit.xml"))).toBe(true);
    expect(eventsIn(folder.file("r/events.jsonl")).at(-1)).toMatchObject({ type: "run.ended", interrupted: false });
    rmSync(folder.file("diary"));
  });
});
