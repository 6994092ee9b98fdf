import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { openApt } from "./apt.js";
import { linesOf, run } from "./shell.js";

/** Suites whose kernel has gpio-sim and GPIO in sysfs; the 6.12 of Debian 13 itself has no gpio-sim. */
const SUITES = ["trixie-backports", "sid"];
/** Names of this package lead to the newest kernel. */
const NEWEST = "linux-image-amd64";
/** What the machine under test cannot do without; what they depend on is found in the modules themselves. */
const MODULES = ["gpio-sim"];

export interface Kernel {
  readonly version: string;
  readonly image: string;
  /** Uncompressed, each after what it depends on. */
  readonly modules: readonly string[];
}

/**
 * A kernel of the machine's Debian mirror, downloaded and not installed, and kept in `cache`: delete that folder for
 * a newer one.
 *
 * @throws HarnessError DRIVER_MISSING when none can be had.
 */
export async function needKernel(cache: string): Promise<Kernel> {
  const kept = join(cache, "kernel");
  if (!existsSync(kept)) await fetchKernel(cache, kept);
  const [version] = readdirSync(kept);
  if (version === undefined) throw new HarnessError("DRIVER_MISSING", `${kept}: expected a kernel; it is empty`);
  const folder = join(kept, version);
  const modules = inOrder(MODULES, (name) => dependsOf(join(folder, `${name}.ko`)));
  return {
    version,
    image: join(folder, "vmlinuz"),
    modules: modules.map((name) => join(folder, `${name}.ko`)),
  };
}

/** Whole or not at all: an interrupted download leaves no half of a kernel behind. */
async function fetchKernel(cache: string, kept: string): Promise<void> {
  const apt = join(cache, "apt");
  const fresh = join(cache, "fresh");
  const failures: string[] = [];
  for (const suite of SUITES) {
    for (const folder of [apt, fresh]) rmSync(folder, { recursive: true, force: true });
    try {
      console.log(`fetching the newest kernel of ${suite}, about 120 MB`);
      const packages = await download(apt, suite);
      await unpack(packages, fresh);
      renameSync(fresh, kept);
      return;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    } finally {
      rmSync(apt, { recursive: true, force: true });
    }
  }
  throw new HarnessError("DRIVER_MISSING", `no kernel with gpio-sim could be had:\n${failures.join("\n")}`);
}

/** The packages of the image and its modules: in one up to 7.0, in two after it. */
async function download(folder: string, suite: string): Promise<string[]> {
  const apt = await openApt(folder, suite);
  const only = ["recommends", "suggests", "conflicts", "breaks", "replaces"].map((kind) => `--no-${kind}`);
  const tree = await apt.ask("apt-cache", ["depends", "--recurse", ...only, NEWEST]);
  const names = linesOf(tree).filter((name) => /^linux-(image|binary|modules)-\d\S*-amd64$/.test(name));
  return apt.download([...new Set(names)]);
}

async function unpack(packages: readonly string[], folder: string): Promise<void> {
  const all = join(folder, "all");
  for (const file of packages) {
    mkdirSync(all, { recursive: true });
    await run("dpkg-deb", ["--extract", file, all]);
  }
  const files = readdirSync(all, { recursive: true, encoding: "utf8" });
  const image = files.find((name) => /(^|\/)vmlinuz(-\S+)?$/.test(name));
  const version = files.map((name) => /lib\/modules\/([^/]+)$/.exec(name)?.[1]).find((name) => name !== undefined);
  if (image === undefined || version === undefined) {
    throw new HarnessError(
      "DRIVER_MISSING",
      `expected vmlinuz and lib/modules; found ${packages.map((p) => basename(p))}`,
    );
  }
  const kept = join(folder, version);
  mkdirSync(kept);
  renameSync(join(all, image), join(kept, "vmlinuz"));
  for (const name of MODULES) await keepModule(name, all, files, kept);
  rmSync(all, { recursive: true });
}

/** A module and what it depends on, uncompressed: busybox's insmod knows no xz. */
async function keepModule(name: string, all: string, files: readonly string[], kept: string): Promise<void> {
  const target = join(kept, `${name}.ko`);
  if (existsSync(target)) return;
  const found = files.find((file) => moduleNameOf(file) === plain(name));
  if (found === undefined) throw new HarnessError("DRIVER_MISSING", `the kernel has no module ${name}`);
  renameSync(join(all, found), found.endsWith(".xz") ? `${target}.xz` : target);
  if (found.endsWith(".xz")) await run("xz", ["--decompress", `${target}.xz`]);
  for (const other of dependsOf(target)) await keepModule(other, all, files, kept);
}

/** Files are named with dashes or underscores; the kernel treats them alike. */
const plain = (name: string): string => name.replaceAll("-", "_");

const moduleNameOf = (file: string): string | undefined => {
  const name = /([^/]+)\.ko(\.xz)?$/.exec(file)?.[1];
  return name === undefined ? undefined : plain(name);
};

/** As the module itself says: `depends=` in its section .modinfo. */
function dependsOf(file: string): string[] {
  const names = /\0depends=([^\0]*)\0/.exec(readFileSync(file, "latin1"))?.[1] ?? "";
  return names.split(",").filter((name) => name !== "");
}

function inOrder(names: readonly string[], dependsOf: (name: string) => readonly string[]): string[] {
  const order = names.flatMap((name) => [...inOrder(dependsOf(name), dependsOf), name]);
  return [...new Set(order)];
}
