import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { crc32 } from "node:zlib";
import { expect, test } from "@jest/globals";
import { blamed } from "../support/blamed.js";
import { builtCopy } from "../support/built-copy.js";
import { BUNDLES } from "../support/package-files.js";
import { preloaded } from "../support/preloaded.js";
import { scratch } from "../support/scratch.js";

/** Tells of each bundle whether V8 was given what it had made of it, and whether it took that. */
const SPY = `
  import vm from "node:vm";
  import { syncBuiltinESMExports } from "node:module";
  const { Script } = vm;
  const seen = [];
  vm.Script = class extends Script {
    constructor(code, options) {
      super(code, options);
      seen.push([options.filename, options.cachedData === undefined ? "not given" : this.cachedDataRejected ? "refused" : "taken"]);
    }
  };
  syncBuiltinESMExports();
  process.on("exit", () => console.log(JSON.stringify(seen)));`;

/** What became of each bundle of a folder when all were loaded, as programs do. */
function loadedFrom(dist: string, ...flags: string[]): Record<string, string> {
  const urls = new Map(BUNDLES.map((name) => [pathToFileURL(resolve(dist, `${name}.cjs`)).href, name]));
  const program = BUNDLES.map((name) => `await import(${JSON.stringify(resolve(dist, `${name}.js`))});`).join("\n");
  const args = [...flags, ...preloaded(SPY), "--input-type=module", "-e", program];
  const seen: [string, string][] = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  return Object.fromEntries(seen.map(([url, what]) => [urls.get(url) ?? url, what]));
}

const each = (what: string) => Object.fromEntries(BUNDLES.map((name) => [name, what]));

test("V8 takes what it has made of each bundle when that was built", () => {
  expect(loadedFrom("dist")).toEqual(each("taken"));
});

test("under other flags it refuses it, and compiles the bundles as they are loaded", () => {
  expect(loadedFrom("dist", "--expose-gc")).toEqual(each("refused"));
});

test("elsewhere than where it was built it is not given to V8, and errors have the lines of where the code is", () => {
  using folder = scratch();
  const dist = builtCopy(folder.path);
  expect(loadedFrom(dist)).toEqual(each("not given"));
  const { code, frame } = blamed("harness/bundled/base.js", "hexNumber(undefined)", dist);
  const file = pathToFileURL(join(dist, "harness/bundled/base.cjs")).href;
  expect({ code, frame }).toEqual({ code: "INTERNAL", frame: expect.stringContaining(file) });
});

/** As if the copy had been built where it lies. @param change what has happened to it since. */
function builtAt(dist: string, change: (file: string) => void): void {
  for (const name of BUNDLES) {
    const [code, compiled] = [".cjs", ".v8"].map((end) => join(dist, name + end)) as [string, string];
    const made = readFileSync(compiled);
    const content = made.subarray(made.indexOf("\n") + 1);
    writeFileSync(compiled, Buffer.concat([labelFor(code, readFileSync(code), content), content]));
    change(join(dist, name));
  }
}

const labelFor = (file: string, code: Uint8Array, compiled: Uint8Array): Buffer => {
  const made = [
    process.version,
    process.arch,
    process.execPath,
    pathToFileURL(file).href,
    crc32(code),
    crc32(compiled),
  ];
  return Buffer.from(`${JSON.stringify(made)}\n`);
};

function changeOne(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

/** V8 would go on with what it made of the former code. */
function changeCode(bundle: string): void {
  const code = readFileSync(`${bundle}.cjs`, "utf8");
  writeFileSync(`${bundle}.cjs`, code.replace("use strict", "use strict".toUpperCase()));
}

test.each([
  ["nothing has happened since", () => undefined, "taken"],
  ["it was cut off", (bundle: string) => truncateSync(`${bundle}.v8`, 8000), "not given"],
  ["it is empty", (bundle: string) => truncateSync(`${bundle}.v8`, 0), "not given"],
  ["one bit of it has changed", (bundle: string) => changeOne(`${bundle}.v8`, 8000), "not given"],
  ["it is gone", (bundle: string) => rmSync(`${bundle}.v8`), "not given"],
  ["the code is other code of the same length", changeCode, "not given"],
] as const)("what V8 has made, and %s", (_, change, what) => {
  using folder = scratch();
  const dist = builtCopy(folder.path);
  builtAt(dist, change);
  expect(loadedFrom(dist)).toEqual(each(what));
});
