import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { XMLParser } from "fast-xml-parser";
import { folderOf } from "../../harness/run/evidence.js";
import { REPORT_NAMES } from "../../reports/write.js";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  isArray: (name) => ["testsuite", "testcase", "property"].includes(name),
});

interface Suite {
  readonly testcase: readonly {
    readonly name: string;
    readonly error?: unknown;
    readonly failure?: unknown;
    readonly skipped?: unknown;
  }[];
  readonly properties?: { readonly property: readonly { readonly name: string; readonly value: string }[] };
}

const suitesOf = (folder: string): readonly Suite[] =>
  (parser.parse(readFileSync(`${folder}/junit.xml`, "utf8")) as { testsuites: { testsuite: Suite[] } }).testsuites
    .testsuite;

const casesOf = (folder: string) => suitesOf(folder).flatMap(({ testcase }) => testcase);

const eventsOf = (folder: string): Record<string, unknown>[] =>
  readFileSync(`${folder}/events.jsonl`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const SMOKE = [
  "identify",
  "boot-without-strap",
  ...["t01@2.0.97", "t01@2.0.106", "t02@2.0.97", "t02@2.0.106"].map((label) => `flash-and-boot ${label}`),
  // Each begins with what the one before left.
  "reflash t02@2.0.106",
  "cross-flash t02@2.0.106 -> t01@2.0.106",
  "reflash t01@2.0.106",
  "cross-flash t01@2.0.106 -> t02@2.0.106",
  "reflash t01@2.0.97",
  "cross-flash t01@2.0.97 -> t02@2.0.97",
  "reflash t02@2.0.97",
  "cross-flash t02@2.0.97 -> t01@2.0.97",
];

/** As JUnit has them: by their first word, in the order of the first of each. */
function byScenario(names: readonly string[]): string[] {
  const scenarioOf = (name: string) => name.split(" ")[0];
  const scenarios = [...new Set(names.map(scenarioOf))];
  return scenarios.flatMap((scenario) => names.filter((name) => scenarioOf(name) === scenario));
}

test("the smoke suite: every case passes, one testcase each, and what list says is what runs", async () => {
  using folder = scratch();
  const out = folder.file("run");
  await expect(st67hil(["run", "--suite", "smoke", "--out", out])).resolves.toMatchObject({ code: 0 });
  expect(readdirSync(out).sort()).toEqual(["allure-results", "cases", "events.jsonl", ...REPORT_NAMES].sort());
  expect(casesOf(out).map(({ name }) => name)).toEqual(byScenario(SMOKE));
  const { stdout } = await st67hil(["list"]);
  expect(stdout.trimEnd().split("\n")).toEqual(SMOKE);
}, 60_000);

test("the same seed gives the same events but for wall time and run id, whatever the folder", async () => {
  using folder = scratch();
  const [a, b] = [folder.file("a"), folder.file("b")];
  const args = ["run", "flash-and-boot*", "--profile", "t02", "--seed", "7", "--set", "sim.flash.jitter=0.3"];
  await Promise.all([st67hil([...args, "--out", a]), st67hil([...args, "--out", b])]);
  const bare = (path: string) => eventsOf(path).map(({ wallTime, runId, ...event }) => event);
  expect(bare(a)).toEqual(bare(b));
  expect(eventsOf(a).length).toBeGreaterThan(20);
}, 30_000);

test("a wire of BOOT that is off breaks the cases and fails none: exit 2, and JUnit says error", async () => {
  using folder = scratch();
  const out = folder.file("run");
  const { code, stdout } = await st67hil(["run", "--set", "sim.wiring.boot=open", "--out", out]);
  expect(code).toBe(2);
  expect(stdout).toMatch(/NOT_IN_ROM.*BOOT and CHIP_EN/s);
  const verdicts = casesOf(out).map(({ name, error, failure }) => [name, error !== undefined, failure !== undefined]);
  expect(verdicts).toEqual(byScenario(SMOKE).map((name) => [name, name !== "boot-without-strap", false]));
}, 30_000);

test("killed: report still writes the cases that ended, marked interrupted", async () => {
  using folder = scratch();
  const out = folder.file("run");
  const ended = await st67hil(["run", "identify", "--repeat", "5000", "--out", out], {
    during: (kill, stdout) => stdout.split("passed ").length > 3 && kill("SIGKILL"),
  });
  expect(ended.signal).toBe("SIGKILL");
  await expect(st67hil(["report", out])).resolves.toMatchObject({
    code: 0,
    stdout: expect.stringContaining("interrupted"),
  });
  const done = eventsOf(out).flatMap(({ type, case: name }) => (type === "case.ended" ? [name] : []));
  expect(done.length).toBeGreaterThanOrEqual(2);
  const suites = suitesOf(out);
  expect(suites.flatMap(({ testcase }) => testcase).map(({ name }) => name)).toEqual(expect.arrayContaining(done));
  expect(
    suites.every(({ properties }) =>
      properties?.property.some(({ name, value }) => name === "interrupted" && value === "true"),
    ),
  ).toBe(true);
}, 30_000);

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)(
  "%s: the case under way is aborted, the reports are written, exit %i",
  async (signal, exit) => {
    using folder = scratch();
    const out = folder.file("run");
    let sent = false;
    const { code } = await st67hil(["run", "identify", "--repeat", "5000", "--out", out], {
      during: (kill, stdout) => {
        if (!sent && stdout.includes("passed ")) kill(signal);
        sent ||= stdout.includes("passed ");
      },
    });
    expect(code).toBe(exit);
    expect(eventsOf(out).at(-1)).toMatchObject({ type: "run.ended", interrupted: true });
    expect(casesOf(out).length).toBeGreaterThan(0);
  },
  30_000,
);

test("a scenario of one's own, from a folder without node_modules, on the same program", async () => {
  using folder = scratch();
  mkdirSync(folder.file("mine"));
  writeFileSync(
    folder.file("mine/own.ts"),
    `import { HarnessError, scenario, type Bench } from "st67-hil";
     enum Kind { Odd = "odd" }
     export default scenario({
       name: "own",
       parameters: () => [{ label: "good" }, { label: "bad" }, { label: "far" }, { label: "skip" }, { label: Kind.Odd }],
       async run({ openSession, measure, attach, skip, expect }: Bench, { label }: { label: string }) {
         const { info } = await openSession();
         attach("chip.txt", info.chipId);
         if (label === "bad") expect(info.chipId).toBe("another");
         if (label === "far") measure("distance", 12, "m", { max: 10 });
         if (label === "skip") skip("not today");
         if (label === Kind.Odd) throw new HarnessError("BOOT_INFO_CORRUPT", "noise");
       },
     });`,
  );
  const out = folder.file("run");
  const { code } = await st67hil(["run", "--scenarios", "mine/*.ts", "--out", out], { cwd: folder.path });
  expect(code).toBe(1);
  expect(eventsOf(out).filter(({ type }) => type === "case.ended")).toMatchObject([
    { case: "own good", verdict: "passed" },
    { case: "own bad", verdict: "failed", fault: { code: "EXPECTATION_FAILED", blame: "module" } },
    { case: "own far", verdict: "failed", fault: { code: "LIMIT_EXCEEDED" } },
    { case: "own skip", verdict: "skipped", reason: "not today" },
    { case: "own odd", verdict: "broken", fault: { code: "BOOT_INFO_CORRUPT", blame: "link" } },
  ]);
  expect(readFileSync(join(out, folderOf("own good"), "chip.txt"), "utf8")).toBe("40827b037742");
});

test.each([
  ["no scenario", "export default { name: 'x' };", "run"],
  ["a file that does not parse", "export default {", "own.ts"],
  ["a file that throws", "throw new Error('my mistake');", "my mistake"],
])("%s is refused with its name", async (_, text, told) => {
  using folder = scratch();
  writeFileSync(folder.file("own.ts"), text);
  const { code, stdout } = await st67hil(["run", "--scenarios", folder.file("*.ts"), "--out", folder.file("run")]);
  expect(code).toBe(2);
  expect(stdout).toMatch(/^broken {3}load .*own\.ts/m);
  expect(stdout).toMatch(/SCENARIO_INVALID.*own\.ts/);
  expect(stdout).toContain(told);
});

test("choosing cases: patterns, grep, tag, profile, version, repeat", async () => {
  const list = async (...args: string[]) => (await st67hil(["list", ...args])).stdout.trimEnd().split("\n");
  await expect(list("reflash", "--profile", "t01", "--fw-version", "2.0.97,2.0.106")).resolves.toEqual([
    "reflash t01@2.0.97",
    "reflash t01@2.0.106",
  ]);
  await expect(list("cross-flash t01*", "--fw-version", "2.0.97")).resolves.toEqual([
    "cross-flash t01@2.0.97 -> t02@2.0.97",
  ]);
  await expect(list("--grep", "^flash.*t02", "--fw-version", "2.0.106")).resolves.toEqual([
    "flash-and-boot t02@2.0.106",
  ]);
  await expect(list("flash-and-boot", "--profile", "mfg")).resolves.toEqual([
    "flash-and-boot mfg@2.0.97",
    "flash-and-boot mfg@2.0.106",
  ]);
  await expect(list("identify", "--repeat", "3")).resolves.toEqual(["identify", "identify #2", "identify #3"]);
}, 20_000);

test("after --max-failures the rest is skipped, with the reason", async () => {
  using folder = scratch();
  const out = folder.file("run");
  await st67hil(["run", "--set", "sim.wiring.boot=open", "--max-failures", "2", "--out", out]);
  const ended = eventsOf(out).filter(({ type }) => type === "case.ended");
  expect(ended.slice(0, 4).map(({ verdict }) => verdict)).toEqual(["broken", "passed", "broken", "skipped"]);
  expect(ended.at(-1)).toMatchObject({ verdict: "skipped", reason: expect.stringContaining("--max-failures") });
});

test("a run is never overwritten", async () => {
  using folder = scratch();
  const out = folder.file("run");
  await st67hil(["run", "identify", "--out", out]);
  const { code, stderr } = await st67hil(["run", "identify", "--out", out]);
  expect(code).toBe(2);
  expect(stderr).toContain("never overwritten");
});
