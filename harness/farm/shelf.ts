import { lstatSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { probe, told } from "../base/files.js";
import { hashOf, isHash, readKept } from "./kept.js";
import { foldersOf, type Manifest, MOST_MANIFEST_BYTES, parseManifest } from "./manifest.js";

/** The beginning of the names of what is not whole yet, or not any more. */
export const BEGUN = ".st67-hil-";
export const MANIFEST = "manifest.json";
/** What the paths of a manifest begin from. */
export const TREE = "files";

const MOST_KEPT = 8;
const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_TRIES = 3;

/**
 * The NCP_Binaries of the parcel in `target`: where all of its files are there with their hashes, and nothing else, as an ini
 * file that somebody has put there would be. `undefined`: it is not whole, for whatever reason.
 */
export function wholeIn(target: string, id: string): string | undefined {
  return told(() => {
    const text = readKept(join(target, MANIFEST), MOST_MANIFEST_BYTES);
    if (text === undefined || hashOf(text) !== id) return undefined;
    const manifest = parseManifest(Buffer.from(text).toString("utf8"), target);
    const tree = join(target, TREE);
    const sound = [target, tree].every((path) => lstatSync(path).isDirectory()) && holdsJust(tree, manifest);
    return sound ? resolve(tree, manifest.folder) : undefined;
  });
}

function holdsJust(tree: string, { files }: Manifest): boolean {
  const folders = foldersOf(files.map(({ path }) => path));
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true });
  if (entries.length !== folders.size + files.length) return false;
  const isKnown = entries.every(
    (entry) => entry.isFile() || folders.has(relative(tree, join(entry.parentPath, entry.name))),
  );
  return isKnown && files.every((file) => isSound(join(tree, file.path), file));
}

function isSound(path: string, { bytes, sha256 }: Manifest["files"][number]): boolean {
  const found = readKept(path, bytes);
  return found !== undefined && hashOf(found) === sha256;
}

/**
 * Puts what was `made` in the place of `target`. Where another process was faster its folder stays, if it is whole.
 *
 * @throws the system's error.
 */
export function moveIn(made: string, target: string, id: string): void {
  for (let tries = 1; ; tries++) {
    try {
      renameSync(made, target);
      return;
    } catch (error) {
      if (wholeIn(target, id) !== undefined) return;
      if (tries === MOST_TRIES) throw error;
      discard(target);
    }
  }
}

/** Says that it was used now, by the clock of its file system. A disk that is full or only read keeps what it said before. */
export function touch(target: string): void {
  told(() => probe(target));
}

/** Removes the folders that were used longest ago, but never `id`, and what processes that are gone for a day have left half-made. */
export function prune(cache: string, id: string): void {
  told(() => {
    const ages = readdirSync(cache)
      .map((name) => ({ name, found: told(() => lstatSync(join(cache, name))) }))
      .flatMap(({ name, found }) => (found?.isDirectory() ? [{ name, used: found.mtimeMs }] : []))
      .sort((a, b) => b.used - a.used || (a.name < b.name ? -1 : 1));
    const others = ages.filter(({ name }) => isHash(name) && name !== id);
    for (const { name } of others.slice(MOST_KEPT - 1)) discard(join(cache, name));
    const now = ages.find(({ name }) => name === id)?.used ?? 0;
    for (const { name, used } of ages)
      if (name.startsWith(BEGUN) && used < now - DAY_MS) rmSync(join(cache, name), { recursive: true, force: true });
  });
}

/** Gone at once for all who look, then removed: of a link itself alone. */
function discard(path: string): void {
  told(() => {
    const away = mkdtempSync(join(dirname(path), BEGUN));
    try {
      renameSync(path, join(away, "old"));
    } finally {
      rmSync(away, { recursive: true, force: true });
    }
  });
}
