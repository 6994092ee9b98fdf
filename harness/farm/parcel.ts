import { statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { HarnessError } from "../base/errors.js";
import { told } from "../base/files.js";
import { LARGEST_BYTES } from "../base/read-file.js";
import { readBytes } from "../firmware/files.js";
import { Folder } from "../firmware/folder.js";
import { openPackage } from "../firmware/package.js";
import { hashOf } from "./kept.js";
import { type Manifest, MOST_FILES, MOST_FOLDER_BYTES, parseManifest } from "./manifest.js";
import { namedBy } from "./named.js";

/** A firmware folder as what can be sent. */
export interface Parcel {
  /** SHA-256 of the manifest's text. */
  readonly id: string;
  /** JSON, of a `Manifest`: the same contents give the same text on every machine. */
  readonly manifest: string;
  /** By SHA-256: path of the file on this machine. */
  readonly files: ReadonlyMap<string, string>;
}

/** What lies beside all this in somebody's folder is nobody else's business. */
const OURS = /\.(ini|bin|ota)$/;

/**
 * The ini files, images and containers of a `NCP_Binaries` folder, and what its ini files name, there or outside of it. What
 * is missing, no plain file, or larger than any file that is read, is not in it: the check on the other machine tells of it
 * as the one here does. The common ancestor is that of all that is named, there or not, so that no name leads out of where
 * this is laid out.
 *
 * @throws HarnessError as `openPackage`; FILE_UNREADABLE; PACKAGE_INVALID for one that is larger than the bounds, and for
 * an ini file that would mean other files elsewhere.
 */
export function parcelOf(dir: string): Parcel {
  const versions = openPackage(dir).firmwares.map(({ version }) => version);
  const folder = new Folder(dir);
  const listed = folder.files().filter((path) => OURS.test(path));
  const inis = listed.filter((path) => path.endsWith(".ini"));
  const named = inis.flatMap((ini) => namedBy(ini, folder.dir, versions));
  const paths = [...new Set([...listed, ...named])].filter((path) => sizeOf(path) !== undefined);
  refuseLarge(dir, paths);
  const base = ancestorOf([folder.dir, ...named.map((path) => dirname(path))]);
  const files = new Map<string, string>();
  const rows = paths.map((path) => {
    const bytes = readBytes(path, "a file of the package");
    const sha256 = hashOf(bytes);
    files.set(sha256, path);
    return { path: relative(base, path), sha256, bytes: bytes.length };
  });
  rows.sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest = JSON.stringify({ folder: relative(base, folder.dir), files: rows } satisfies Manifest);
  // Whoever gets it reads it as strictly.
  parseManifest(manifest, dir);
  return { id: hashOf(Buffer.from(manifest)), manifest, files };
}

function sizeOf(path: string): number | undefined {
  const found = told(() => statSync(path));
  return found?.isFile() && found.size <= LARGEST_BYTES ? found.size : undefined;
}

/** Told before anything is read. */
function refuseLarge(dir: string, paths: readonly string[]): void {
  const bytes = paths.reduce((sum, path) => sum + (sizeOf(path) ?? 0), 0);
  if (paths.length <= MOST_FILES && bytes <= MOST_FOLDER_BYTES) return;
  throw new HarnessError(
    "PACKAGE_INVALID",
    `${dir}: expected at most ${MOST_FILES} files with ${MOST_FOLDER_BYTES} bytes, got ${paths.length} with ${bytes}`,
    { advice: "Name a folder with the vendor's files alone: all that it holds is sent to every agent." },
  );
}

/** The deepest folder that holds all of these, which are absolute. */
function ancestorOf(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map((folder) => folder.split("/").filter((name) => name !== ""));
  const depth = first.findIndex((name, index) => others.some((other) => other[index] !== name));
  return join("/", ...first.slice(0, depth < 0 ? first.length : depth));
}
