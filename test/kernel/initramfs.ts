import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { HarnessError } from "../../harness/base/errors.js";
import { SmallPackage } from "../firmware/small-package.js";
import { INIT } from "./init.js";
import type { Kernel } from "./kernel.js";
import { linesOf, run } from "./shell.js";
import { pathOf } from "./tools.js";

/** The folder of the package in the machine under test. */
const APP = "app";
/**
 * The programs in there, in few files: an emulated machine takes some 30 ms for every module that it loads, of which a
 * flash has 350 in our sources. Those that start others find them by their names.
 */
const PROGRAMS = {
  "st67-hil": "harness/cli/main.ts",
  "lane-process": "harness/cli/run/lane-process.ts",
  "lane-lifeline": "harness/cli/run/lane-lifeline.ts",
  "watchdog-process": "rigs/guard/watchdog-process.ts",
  guest: "test/kernel/guest/main.ts",
} as const;
/** They are loaded as they are installed: native code, and what looks for files of its own. */
const NOT_BUNDLED = ["expect", "jiti", "koffi", "libsql", "onoff", "serialport"];
/** A bundled CommonJS package asks for modules of node by the `require` that it would have had. */
const REQUIRE =
  'import { createRequire as requireOfBundle } from "node:module"; const require = requireOfBundle(import.meta.url);';
/** Loaded by the app when used, so that no `ldd` names it. */
const LOADED_LATER = "liblzma.so.5";
/** Of a package: what another platform or a person needs. */
const LEFT_OUT = /\/prebuilds\/(?!linux-x64)|musl|\.(map|md|ts|mts|cts|o|a|cc|h)$|\/obj\.target/;

/**
 * The file system of the machine under test, as one archive: busybox, this machine's node, the app with
 * its production packages, and what checks it in there. @returns its file.
 */
export async function buildInitramfs(root: string, kernel: Kernel, cache: string): Promise<string> {
  const stage = join(cache, "stage");
  rmSync(stage, { recursive: true, force: true });
  for (const folder of ["bin", "usr/bin", "modules", "proc", "sys", "dev", "tmp", "run/lock", "etc", APP]) {
    mkdirSync(join(stage, folder), { recursive: true });
  }
  writeFileSync(join(stage, "init"), INIT, { mode: 0o755 });
  writeFileSync(join(stage, "etc/passwd"), "root:x:0:0:root:/tmp:/bin/sh\n");
  cpSync(realpathSync(pathOf("busybox")), join(stage, "bin/busybox"));
  for (const [index, file] of kernel.modules.entries()) {
    cpSync(file, join(stage, "modules", `${String(index).padStart(2, "0")}-${basename(file)}`));
  }
  stageApp(root, join(stage, APP));
  stagePackage(join(stage, "package"));
  await stagePrograms(root, join(stage, APP, "bundle"));
  await stageNode(stage);
  const archive = join(cache, "initrd.cpio");
  const pack = 'find . -print0 | "$1" --null --create --format=newc --quiet > "$2"';
  await run("sh", ["-c", pack, "sh", pathOf("cpio"), archive], { cwd: stage });
  return archive;
}

/** What npm would install beside the app: its rig files, and what `npm ci` called no development package. */
function stageApp(root: string, app: string): void {
  for (const name of ["package.json", "rigs"]) cpSync(join(root, name), join(app, name), { recursive: true });
  const installed: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    readFileSync(join(root, "node_modules/.package-lock.json"), "utf8"),
  );
  for (const [name, { dev = false, devOptional = false }] of Object.entries(installed.packages)) {
    if (dev || devOptional || name.includes("node_modules/@types/") || !existsSync(join(root, name))) continue;
    const nested = join(root, name, "node_modules");
    const filter = (path: string) => path !== nested && !LEFT_OUT.test(path);
    cpSync(join(root, name), join(app, name), { recursive: true, filter });
  }
}

/** A small firmware package of our own: making one in there would take most of a minute. */
function stagePackage(target: string): void {
  using made = new SmallPackage();
  cpSync(dirname(dirname(made.dir)), target, { recursive: true });
}

async function stagePrograms(root: string, target: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS,
    outdir: target,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    lineLimit: 120,
    external: NOT_BUNDLED,
    banner: { js: REQUIRE },
    logLevel: "error",
  });
}

/** This machine's node, smaller where `strip` is at hand, and every library that it or a native package names. */
async function stageNode(stage: string): Promise<void> {
  const node = join(stage, "usr/bin/node");
  const original = realpathSync(process.execPath);
  await run("strip", ["-o", node, original]).catch(() => cpSync(original, node));
  const native = readdirSync(join(stage, APP, "node_modules"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".node"))
    .map((name) => join(stage, APP, "node_modules", name));
  const known = await run(pathOf("ldconfig"), ["-p"]);
  const later = new RegExp(`^\\s*${LOADED_LATER.replaceAll(".", "\\.")} .* => (\\S+)$`, "m").exec(known)?.[1];
  if (later === undefined) throw new HarnessError("DRIVER_MISSING", `${LOADED_LATER}: expected on this machine`);
  const named = await run("ldd", [original, later, ...native]);
  const libraries = linesOf(named).flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  for (const library of new Set([later, ...libraries])) {
    const target = join(stage, library);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(library), target);
  }
}

/** The folder of this package. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
