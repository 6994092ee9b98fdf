import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { globSync } from "tinyglobby";
import pkg from "../../package.json" with { type: "json" };
import { ENDED_WELL } from "../../rigs/guard/watchdog-job.js";
import { SmallPackage } from "../firmware/small-package.js";
import { makePipe } from "../support/pipe.js";
import { scratch } from "../support/scratch.js";
import { RIG_OVER, rigOver, SimProcess } from "../support/sim.js";
import { watchdogsGone } from "../support/socket-rig.js";

const HARDWARE = "{ name: loads, straps: { driver: socket, path: /dev/null/lines }, serial: { path: /dev/null/port } }";

/** What a process of ours loads, as V8's own record of covered scripts has it. @returns packages, and our own files. */
async function loadedBy(program: string, args: readonly string[], { input = "", rig = "loads" } = {}) {
  using folder = scratch();
  writeFileSync(folder.file("loads.yaml"), HARDWARE);
  let code = 0;
  try {
    execFileSync(process.execPath, [resolve("dist", program), ...args], {
      cwd: folder.path,
      env: { ...process.env, NODE_V8_COVERAGE: folder.file("coverage") },
      input,
      stdio: ["pipe", "ignore", "ignore"],
    });
  } catch (error) {
    code = (error as { status: number }).status;
  }
  // It writes down what it loaded too, at its own end.
  await watchdogsGone(rig);
  const processes = readdirSync(folder.file("coverage")).map((name): Script[] => {
    return JSON.parse(readFileSync(`${folder.file("coverage")}/${name}`, "utf8")).result;
  });
  const scripts = processes.flat();
  const urls = scripts.map(({ url }) => url);
  const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  const dist = pathToFileURL(resolve("dist/")).href;
  // The code of a bundle goes with it.
  const ownOf = (all: readonly Script[]) =>
    all.flatMap(({ url }) => (url.startsWith(`${dist}/`) && !url.endsWith(".cjs") ? url.slice(dist.length + 1) : []));
  const own = ownOf(scripts);
  const yargs = scripts.filter(({ url }) => url.endsWith("/bundled/yargs.cjs")).flatMap(({ functions }) => functions);
  const drawsHelp = yargs.some(isCalled("rasterize"));
  return { code, packages: [...new Set(packages)].sort(), own, eachOwn: processes.map(ownOf), drawsHelp };
}

interface Script {
  readonly url: string;
  readonly functions: readonly Covered[];
}

interface Covered {
  readonly functionName: string;
  readonly ranges: readonly { readonly count: number }[];
}

const isCalled =
  (name: string) =>
  ({ functionName, ranges }: Covered): boolean =>
    functionName === name && (ranges[0]?.count ?? 0) > 0;

test("a watchdog, which must be ready soon, loads no package but koffi", async () => {
  const config = { name: "loads", straps: { driver: "none" } };
  const job = JSON.stringify({ config, resources: [], holder: { pid: 1 } });
  const { packages, own } = await loadedBy("rigs/guard/watchdog-process.js", [], { input: `${job}\n${ENDED_WELL}\n` });
  expect(packages.filter((name) => !name.includes("koffi"))).toEqual([]);
  expect(own.sort()).toEqual([EVALUATE, "harness/bundled/watchdog-process.js", "rigs/guard/watchdog-process.js"]);
});

const sourcesOf = (...patterns: string[]): string[] => {
  const files = globSync(patterns);
  expect(files).not.toEqual([]);
  return files;
};

/** What runs the code of each bundle. */
const EVALUATE = "bundled/evaluate.js";

const isBundle = (file: string): boolean => /^(harness\/)?bundled\//.test(file);

/** What is in one has no file of its own; neither has what is types alone, of which none is asked here. */
const isInBundle = (source: string): boolean => !existsSync(`dist/${source.replace(/ts$/, "js")}`);

test("all that flashes a module is in the bundles: nothing is loaded one by one but the command", async () => {
  using folder = scratch();
  using firmware = new SmallPackage();
  await using sim = await SimProcess.start(folder);
  const named = ["--firmware", firmware.dir, "--profile", "t01", "--fw-version", "2.0.106"];
  const flash = ["flash", ...named, "--rig", rigOver(folder)];
  const { code, own } = await loadedBy("harness/cli/main.js", flash, { rig: RIG_OVER });
  expect({ code, stderr: sim.stderr }).toEqual({ code: 0, stderr: "" });
  expect([...new Set(own)].filter((file) => !isBundle(file)).sort()).toEqual([
    "harness/cli/commands/flash.js",
    "harness/cli/main.js",
    "rigs/guard/watchdog-process.js",
  ]);
});

test("a rig that needs no watchdog leaves none behind of the one that was started for it", async () => {
  using folder = scratch();
  const file = folder.file("simulated.yaml");
  writeFileSync(file, "{ name: simulated, straps: { driver: sim }, serial: { driver: sim } }");
  const info = ["chip", "info", "--rig", file, "--json"];
  const { code, own } = await loadedBy("harness/cli/main.js", info, { rig: "simulated" });
  expect(code).toBe(0);
  expect(own).toContain("rigs/guard/watchdog-process.js");
});

test.each([
  ["flash", "--file", "loads.yaml", "--address", "0x378000"],
  ["erase", "--whole-chip"],
])("%s on hardware loads no simulator, and nothing that makes images or draws spinners", async (...args) => {
  const { packages, own } = await loadedBy("harness/cli/main.js", [...args, "--rig", "loads.yaml"]);
  expect(own).toContain("harness/bundled/rig.js");
  const others = sourcesOf("harness/sim/{module,{silicon,line,port}/*}.ts", "harness/firmware/synthetic*.ts");
  expect(others.filter(isInBundle)).toEqual([]);
  expect(own.filter((file) => others.includes(file.replace(/js$/, "ts")))).toEqual([]);
  expect(packages.filter((name) => name === "ora" || name.startsWith("@noble"))).toEqual([]);
});

test("a command that is carried out draws no help, which takes as long as all of its parsing", async () => {
  const drawn = async (...args: string[]) => (await loadedBy("harness/cli/main.js", args)).drawsHelp;
  await expect(drawn("erase", "--help")).resolves.toBe(true);
  await expect(drawn("erase", "--whole-chip", "--rig", "loads.yaml")).resolves.toBe(false);
});

test("what most commands load of other people's comes in one file a package, and no license of theirs is left behind", async () => {
  const { packages, own } = await loadedBy("harness/cli/main.js", ["erase", "--whole-chip", "--rig", "loads.yaml"]);
  const bundled = ["yaml", "yargs", "zod"];
  expect(own).toEqual(expect.arrayContaining(bundled.map((name) => `bundled/${name}.js`)));
  expect(packages.filter((name) => [...bundled, "cliui", "string-width"].includes(name))).toEqual([]);
  const licenses = readFileSync("dist/bundled/LICENSES.txt", "utf8");
  for (const name of [...bundled, "cliui", "string-width"])
    expect(licenses).toMatch(new RegExp(`^${name} \\d+\\.`, "m"));
});

test("nothing of the user's folder is read to start: a package.json that never ends is none of ours", () => {
  using folder = scratch();
  makePipe(folder.file("package.json"));
  const told = execFileSync(process.execPath, [resolve("dist/harness/cli/main.js"), "--version"], {
    cwd: folder.path,
    timeout: 60_000,
    encoding: "utf8",
  });
  expect(told.trim()).toBe(pkg.version);
});

test("completion, which is waited for at each key, loads no command but the one whose options it tells", async () => {
  const ask = (...typed: string[]) =>
    loadedBy("harness/cli/main.js", ["--get-yargs-completions", "st67-hil", ...typed]);
  const commands = (own: readonly string[]) => own.filter((file) => file.includes("cli/commands/"));
  const [first, flash] = [await ask(""), await ask("flash", "--")];
  expect(commands(first.own)).toEqual([]);
  expect(commands(flash.own)).toEqual(["harness/cli/commands/flash.js"]);
  expect(first.packages).toEqual(["ms", "picocolors"]);
  const bundles = [
    EVALUATE,
    "bundled/yargs.js",
    ...["base", "bench", "program"].map((name) => `harness/bundled/${name}.js`),
  ];
  for (const { own } of [first, flash]) expect(own.filter(isBundle).sort()).toEqual(bundles);
});

test("doctor without --redis loads no farm", async () => {
  const { packages, own } = await loadedBy("harness/cli/main.js", ["doctor"]);
  expect(own).toContain("harness/cli/commands/doctor.js");
  expect(own.filter((file) => file.startsWith("harness/farm/"))).toEqual([]);
  expect(packages.filter((name) => ["ioredis", "bullmq"].includes(name))).toEqual([]);
});

test("a run on rigs of this machine loads no farm, in no process of it", async () => {
  const { code, packages, own, eachOwn } = await loadedBy("harness/cli/main.js", ["run", "identify"]);
  expect(code).toBe(0);
  expect(own).toContain("harness/run/lanes/dispatcher.js");
  const lanes = eachOwn.filter((files) => files.includes("harness/run/lanes/lane.js"));
  expect(lanes).not.toEqual([]);
  expect(lanes.flat().filter((file) => /program|yargs/.test(file))).toEqual([]);
  expect(packages.filter((name) => ["ioredis", "bullmq"].includes(name))).toEqual([]);
});
