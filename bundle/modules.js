import { readFileSync, rmSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { rollup } from "rollup";
import { globSync } from "tinyglobby";
import { FOLDER, PACKAGES } from "./packages.js";

const nameOf = (source) => source.replace(/\.tsx?$/, "");
const fileOf = (name) => resolve("dist", `${name}.js`);

/** Some modules are types alone: the compiler leaves nothing else of them. */
const hasCode = (name) => readFileSync(fileOf(name), "utf8").trim() !== "export {};";

/**
 * Which of our own modules come in one file: these, and all that they import in turn; the first that has one keeps it. What is in a
 * bundle is run when the bundle is loaded, so each holds what is used together.
 */
const BUNDLES = {
  /** What every process of ours loads, and what scenarios do besides. The schema of facts is made of zod, which few need. */
  base: [
    ...globSync("harness/base/*.ts", { ignore: "**/fact-schema.ts" }).map(nameOf).filter(hasCode),
    "harness/firmware/names",
    "harness/flash/left-out",
  ],
  /** What the commands that work on a rig are made of, and how each talks to people; a lane has some of it. */
  bench: [
    "harness/cli/bench/awake",
    "harness/cli/bench/refusal",
    "harness/cli/bench/workbench",
    "harness/cli/fuses/burn",
    "harness/cli/fuses/job",
    "harness/cli/options/options",
    "harness/cli/options/trace",
    "harness/cli/terminal/boot-text",
    "harness/cli/terminal/hangup",
    "harness/cli/terminal/interrupt",
    "harness/cli/terminal/output",
    "harness/cli/terminal/streams",
  ],
  /** What makes a command of what was typed: help and completion need no more. */
  program: ["harness/cli/program"],
  /** What is started before all else of a rig is loaded. */
  watchdog: ["rigs/guard/watchdog"],
  /** What opens a rig of hardware and flashes its module. */
  rig: [
    "harness/cli/bench/leave",
    "harness/cli/bench/recovery",
    "harness/cli/options/source",
    "harness/doctor/cheap",
    "harness/flash/stream-folder",
    "harness/recover/flash",
    "harness/recover/open",
    "harness/trace/recorder",
    "harness/trace/traced-rig",
    "rigs/file/load",
    "rigs/guard/guard",
    "rigs/hardware",
    "rigs/open",
  ],
};

/** What runs apart, needs little and must be ready soon: all but its own file comes in one, with copies of what others have elsewhere. */
const APART = ["rigs/guard/watchdog-process", "harness/cli/run/lane-lifeline"];

/** Where the bundles lie: among our own rooms, as `harness/run/where.ts` tells our errors from those of others. */
export const PLACE = "harness/bundled";

/** Makes these files, and has all of `dist` import them and the bundled packages. What is in a bundle has no file of its own. */
export async function bundleModules() {
  const all = globSync("{harness,reports,rigs,scenarios}/**/*.{ts,tsx}", { ignore: "**/*.d.ts" })
    .map(nameOf)
    .filter(hasCode);
  const { cache } = await read(all);
  const bundles = bundlesOf(cache);
  const alone = all.filter((name) => !APART.includes(name) && !bundles.has(fileOf(name)));
  // All is read as the compiler has made it before anything is written.
  const modules = await read(alone, cache);
  const apart = await Promise.all(APART.map(async (name) => ({ name, rest: await read([name]) })));
  await write(modules, (id) => bundles.get(id));
  for (const { name, rest } of apart) await write(rest, (id) => (id === fileOf(name) ? undefined : basename(name)));
  for (const file of bundles.keys()) if (file.endsWith(".js")) rmSync(file, { force: true });
}

const write = (build, manualChunks) =>
  build.write({
    dir: "dist",
    entryFileNames: "[name].js",
    chunkFileNames: `${PLACE}/[name].js`,
    // A file imports what its source does, and by the same names.
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    manualChunks,
  });

const read = (names, cache) =>
  rollup({
    cache,
    input: Object.fromEntries(names.map((name) => [name, fileOf(name)])),
    plugins: [asInSources],
    external: (id) => !/^[./]/.test(id) && !isBundled(id),
    treeshake: false,
    onLog(_, { code, message }) {
      // Of what the compiler makes of `using`, at the top of each module: it asks for a helper that nobody has.
      if (code !== "THIS_IS_UNDEFINED") throw new Error(`${code}: ${message}`);
    },
  });

const isBundled = (id) => PACKAGES.some((name) => id === name || id.startsWith(`${name}/`));

/** What holds for a module by its place holds in a bundle, too. */
const asInSources = {
  name: "as-in-sources",
  resolveId(source) {
    if (PACKAGES.includes(source)) return { id: resolve(FOLDER, `${source}.js`), external: "relative" };
    if (isBundled(source)) throw new Error(`${source}: only ${source.split("/")[0]} itself is bundled`);
  },
  load: (id) => (id.endsWith(".json") ? `export default ${readFileSync(id, "utf8")};` : undefined),
  transform(code, id) {
    const others = code.replaceAll(
      /new URL\("[^"]+", import\.meta\.url\)|create(?:Require|Jiti)\(import\.meta\.url\b/g,
      "",
    );
    if (others.includes("import.meta.url")) throw new Error(`${id}: in a bundle it has no file of its own`);
    // A bundle exports the values that there are once it has been run.
    if (/^export (let|var)\b/m.test(code)) throw new Error(`${id}: in a bundle what is exported never changes`);
  },
  resolveImportMeta(property, { chunkId, moduleId }) {
    if (property !== "url") throw new Error(`${moduleId}: import.meta.${property} is not foreseen here`);
    const place = relative(dirname(resolve("dist", chunkId)), moduleId);
    if (place === basename(moduleId)) return null;
    return `new URL(${JSON.stringify(place)}, import.meta.url).href`;
  },
};

/** @returns the bundle of each module that is in one. */
function bundlesOf({ modules }) {
  const imports = new Map(modules.map(({ id, dependencies }) => [id, dependencies]));
  const bundles = new Map();
  const add = (file, bundle) => {
    if (bundles.has(file) || !imports.has(file)) return;
    bundles.set(file, bundle);
    for (const imported of imports.get(file)) add(imported, bundle);
  };
  for (const [bundle, names] of Object.entries(BUNDLES)) {
    for (const name of names) {
      if (!imports.has(fileOf(name))) throw new Error(`${name}: there is no such module`);
      add(fileOf(name), bundle);
    }
  }
  return bundles;
}
