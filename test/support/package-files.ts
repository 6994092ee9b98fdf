import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { globSync } from "tinyglobby";
import pkg from "../../package.json" with { type: "json" };

/** What the package must hold, beside what is built. */
export const plainFiles = (): string[] =>
  ["LICENSE", "README.md", "package.json", ...globSync(["docs/**", "rigs/*.yaml"])].sort();

/** Modules and packages that come in one file, from `dist` on. */
export const BUNDLES = [
  ...["base", "bench", "program", "watchdog", "rig", "lane-lifeline", "watchdog-process"].map(
    (name) => `harness/bundled/${name}`,
  ),
  ...["yaml", "yargs", "zod"].map((name) => `bundled/${name}`),
];

/** What `bundle/main.js` makes: of each bundle a module and its code. What V8 has made of that counts where it was built, and names that place. */
const BUNDLED = [
  ...BUNDLES.flatMap((name) => [`${name}.js`, `${name}.cjs`]),
  ...["evaluate.js", "node_modules/yargs/locales/en.json", "LICENSES.txt"].map((name) => `bundled/${name}`),
];

/** What nobody imports: programs, the thread of a lane, and what scenarios import by the package's name. */
const BEGINNINGS = [
  pkg.bin["st67-hil"],
  pkg.exports["."].default.replace("./", ""),
  "dist/harness/cli/run/lane-process.js",
  "dist/harness/cli/run/lane-lifeline.js",
  "dist/rigs/guard/watchdog-process.js",
];

/**
 * What the package must hold of `dist`: each source as types, and as JavaScript, which some have in a bundle and the others by
 * themselves. No tests, and no source maps: they would lead to sources that are not in it, and what is built reads nearly as they do.
 */
export const builtFiles = (): string[] =>
  [
    "dist/package.json",
    ...BUNDLED.map((file) => `dist/${file}`),
    ...globSync(["{harness,reports,rigs,scenarios}/**/*.{ts,tsx}", "!**/*.d.ts"]).flatMap(built),
  ].sort();

function built(source: string): string[] {
  const [code, types] = [".js", ".d.ts"].map((end) => `dist/${source.replace(/\.tsx?$/, end)}`) as [string, string];
  return BEGINNINGS.includes(code) || existsSync(code) ? [code, types] : [types];
}

/** What files of ours import by a path of their own. @returns file and import. */
export const importsOf = (files: readonly string[]): [file: string, imported: string][] =>
  files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\b(?:from|import\(?) ?["'](\.[^"']+\.js)["']/g)].map(
      ([, path = ""]): [string, string] => [file, join(dirname(file), path)],
    ),
  );
