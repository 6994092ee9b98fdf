import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import pkg from "../../package.json" with { type: "json" };
import { blamed } from "../support/blamed.js";
import { BUNDLES } from "../support/package-files.js";
import { type Scratch, scratch } from "../support/scratch.js";

const node = (...args: string[]): string => execFileSync(process.execPath, args, { encoding: "utf8" }).trim();

/** Where a bundle's code is for V8, and how what it has made of that begins. */
const codeOf = (dist: string, bundle: string): string => pathToFileURL(resolve(dist, `${bundle}.cjs`)).href;
const labelOf = (code: string): string => `${process.version} ${process.arch} ${code}\n`;

/** Each in a process of its own: V8 remembers code that it has compiled before. */
test.each(BUNDLES)("%s: V8 takes what it has made of the code when that was built", (bundle) => {
  const code = codeOf("dist", bundle);
  const label = labelOf(code);
  expect(readFileSync(`dist/${bundle}.v8`).toString("latin1").split("\n", 1)).toEqual([label.trim()]);
  const program = `
    import { readFileSync } from "node:fs";
    import { Script } from "node:vm";
    const cachedData = readFileSync("dist/${bundle}.v8").subarray(${Buffer.byteLength(label)});
    const code = readFileSync("dist/${bundle}.cjs", "utf8");
    console.log(new Script(code, { filename: ${JSON.stringify(code)}, cachedData }).cachedDataRejected);`;
  expect(node("--input-type=module", "-e", program)).toBe("false");
});

/** @returns where a copy of the program lies, whose bundles V8 compiles as they are loaded. */
function moved(folder: Scratch): string {
  const program = folder.file("program");
  for (const name of ["dist", "package.json"]) cpSync(name, join(program, name), { recursive: true });
  symlinkSync(resolve("node_modules"), join(program, "node_modules"));
  return join(program, "dist");
}

test("a program that was built elsewhere runs, and its errors have the lines of where it is now", () => {
  using folder = scratch();
  const dist = moved(folder);
  expect(node(join(dist, "harness/cli/main.js"), "--version")).toBe(pkg.version);
  const { code, frame } = blamed("harness/bundled/base.js", "hexNumber(undefined)", dist);
  expect({ code, frame }).toEqual({
    code: "INTERNAL",
    frame: expect.stringContaining(codeOf(dist, "harness/bundled/base")),
  });
});

test.each([
  ["was cut off", (file: string) => truncateSync(file, 30_000)],
  ["is empty", (file: string) => truncateSync(file, 0)],
  ["is no such thing", (file: string, label: string) => writeFileSync(file, label + "no code ".repeat(5000))],
])("what V8 has made %s: the program runs all the same", (_, damage) => {
  using folder = scratch();
  const dist = moved(folder);
  for (const bundle of BUNDLES) {
    const made = readFileSync(`dist/${bundle}.v8`);
    const label = labelOf(codeOf(dist, bundle));
    const file = join(dist, `${bundle}.v8`);
    writeFileSync(file, Buffer.concat([Buffer.from(label), made.subarray(made.indexOf("\n") + 1)]));
    damage(file, label);
  }
  expect(node(join(dist, "harness/cli/main.js"), "--version")).toBe(pkg.version);
});

test("so it does under other flags, with which V8 takes nothing of it", () => {
  expect(node("--max-lazy", "dist/harness/cli/main.js", "--version")).toBe(pkg.version);
});
