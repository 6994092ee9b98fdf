import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SystemClock } from "../../harness/base/time.js";
import { st67hil } from "../support/cli.js";
import {
  goneWithin,
  labels,
  marked,
  own,
  processesOf,
  readRun,
  runScenarios,
  scenariosIn,
} from "../support/lane-run.js";
import { Running } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { socketRig, watchdogsGone } from "../support/socket-rig.js";

/** A guard against hangs: a lane that spins is given 5 s after its dispatcher has gone. */
const GONE_MS = 30_000;

/** A body that says that it is there, and what it does then. It has started a process of its own, too. */
const there = (then: string) =>
  own(
    "there",
    `const { spawn } = await import("node:child_process");
     spawn("sleep", ["600"], { stdio: "ignore" });
     attach("there.txt", "");
     ${then}`,
  );

const SPINS = "for (;;);";

test.each([
  ["that spins", SPINS],
  ["that waits", "await new Promise(() => setInterval(() => undefined, 1000));"],
])("a dispatcher that is killed leaves no process of a lane %s", async (_, then) => {
  using folder = scratch();
  await using run = begin(folder, there(then));
  await run.until(() => existsSync(folder.file("run/cases/there/there.txt")));
  expect(processesOf(folder).length).toBe(3);
  run.signal("SIGKILL");
  await run.ended();
  await goneWithin(folder, GONE_MS);
});

test("Ctrl-C while a body spins: it ends in about the grace, exit 130, the report says aborted", async () => {
  using folder = scratch();
  await using run = begin(folder, there(SPINS));
  await run.until(() => existsSync(folder.file("run/cases/there/there.txt")));
  const clock = new SystemClock();
  const began = clock.now();
  run.signal("SIGINT");
  expect(await run.ended()).toBe(130);
  // The grace is 1 s; the limit is for machines that are busy, and far below the 10 minutes of the case.
  expect(clock.now() - began).toBeLessThan(20_000);
  const { cases, events } = readRun(folder.file("run"));
  expect(cases.get("there")).toMatchObject({ verdict: "aborted", type: "aborted" });
  expect(events.at(-1)).toMatchObject({ type: "run.ended", interrupted: true });
  await goneWithin(folder, GONE_MS);
});

test("Ctrl-C while a rig gets its next lane: the case is called off, and the rig is not retired", async () => {
  using folder = scratch();
  const lost = folder.file("lost");
  const file = own(
    "own",
    `const { writeFileSync } = await import("node:fs");
     writeFileSync(${JSON.stringify(lost)}, "");
     process.kill(process.pid, "SIGKILL");`,
    labels("a", "b"),
  );
  // The second lane loads it until the run is called off.
  const slow = `import { existsSync, writeFileSync } from "node:fs";
if (existsSync(${JSON.stringify(lost)})) {
  writeFileSync(${JSON.stringify(`${lost}-again`)}, "");
  await new Promise((done) => setTimeout(done, 1e6));
}
${file}`;
  await using run = new Running(
    ["run", "--scenarios", scenariosIn(folder, { slow })[2] ?? "", "--out", folder.file("run")],
    folder.path,
    marked(folder),
  );
  await run.until(() => existsSync(`${lost}-again`));
  run.signal("SIGINT");
  expect(await run.ended()).toBe(130);
  const { cases, events } = readRun(folder.file("run"));
  expect(cases.get("own b")).toMatchObject({ verdict: "aborted" });
  expect(events.filter(({ type }) => type === "rig.retired")).toEqual([]);
  const history = ["--history", folder.file("history.sqlite")];
  expect(await st67hil(["run", "identify", ...history], { cwd: folder.path })).toMatchObject({ code: 0 });
  await goneWithin(folder, GONE_MS);
});

test("two rigs share the cases: each runs once, in one report, and each rig's time goes forward", async () => {
  using folder = scratch();
  const rigs = ["left", "right"].map((name) => {
    writeFileSync(folder.file(`${name}.yaml`), `name: ${name}\nstraps: { driver: sim }\n`);
    return ["--rig", folder.file(`${name}.yaml`)];
  });
  const names = Array.from({ length: 8 }, (_, index) => `case ${index}`);
  const file = own("own", "await openSession(); await deadline.sleep(10);", labels(...names));
  const { code, cases, events } = await runScenarios(folder, { file }, rigs.flat());
  expect(code).toBe(0);
  expect([...cases.keys()].sort()).toEqual(names.map((name) => `own ${name}`));
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  const ended = events.filter(({ type }) => type === "case.ended");
  expect(ended.map((event) => event["case"]).sort()).toEqual([...cases.keys()].sort());
  const rigOf = new Map(ended.map((event) => [event["case"], event["rig"]]));
  expect(new Set(rigOf.values())).toEqual(new Set(["left", "right"]));
  for (const rig of ["left", "right"]) {
    const times = events.filter((event) => rigOf.get(event["case"]) === rig).map(({ atMs }) => Number(atMs));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
  expect(readFileSync(folder.file("run/junit.xml"), "utf8").match(/<testsuites/g)).toHaveLength(1);
});

test("a rig with a port and a control socket leaves nothing of its own behind, and its lane goes on", async () => {
  await using bench = await socketRig();
  const args = [...bench.running("await openSession();"), "--rig", bench.rig, "--repeat", "3"];
  await expect(st67hil(args)).resolves.toMatchObject({ code: 0 });
  const { cases, events } = readRun(bench.folder.file("run"));
  expect([...cases.values()].map(({ verdict }) => verdict)).toEqual(["passed", "passed", "passed"]);
  expect(events.filter(({ type }) => type === "lane.leftovers" || type === "lane.lost")).toEqual([]);
  await watchdogsGone(bench.name);
});

function begin(folder: ReturnType<typeof scratch>, file: string): Running {
  const args = [...scenariosIn(folder, { file }), "--out", folder.file("run")];
  return new Running(args, undefined, marked(folder));
}
