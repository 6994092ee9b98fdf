import { dirname } from "node:path/posix";
import { z } from "zod";
import { HarnessError } from "../base/errors.js";
import { LARGEST_BYTES } from "../base/read-file.js";
import { HASH } from "./kept.js";

/** Of a firmware folder. The vendor's has 34 files with 26 MB. */
export const MOST_FILES = 4096;
export const MOST_FOLDER_BYTES = 512 * 1024 * 1024;
/** Of the text of a manifest: so many files with long names. */
export const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;

const MOST_DEPTH = 32;
const MOST_NAME_BYTES = 255;
const MOST_PATH_BYTES = 1024;
const MOST_TOLD = 3;

/** A NUL ends a name, and half a character becomes another one. */
const isName = (name: string): boolean =>
  !["", ".", ".."].includes(name) && !/[\0\p{Surrogate}]/u.test(name) && Buffer.byteLength(name) <= MOST_NAME_BYTES;

const isInner = (path: string): boolean => {
  const names = path.split("/");
  return names.length <= MOST_DEPTH && Buffer.byteLength(path) <= MOST_PATH_BYTES && names.every(isName);
};

const Manifest = z
  .strictObject({
    folder: z.string().refine((path) => path === "" || isInner(path), "expected a path within the package"),
    files: z
      .array(
        z.strictObject({
          path: z.string().refine(isInner, "expected a path within the package"),
          sha256: z.string().regex(HASH),
          bytes: z.int().min(0).max(LARGEST_BYTES),
        }),
      )
      .min(1)
      .max(MOST_FILES),
  })
  .superRefine(({ folder, files }, context) => {
    const refuse = (message: string) => context.addIssue({ code: "custom", message });
    const paths = new Set(files.map(({ path }) => path));
    const folders = foldersOf([...paths]);
    if (paths.size < files.length) refuse("files: expected each path once");
    for (const path of paths) if (folders.has(path)) refuse(`${path}: expected a file or a folder, got both`);
    if (folder !== "" && !folders.has(folder)) refuse(`folder: expected one that holds files, got ${folder}`);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > MOST_FOLDER_BYTES) refuse(`files: expected at most ${MOST_FOLDER_BYTES} bytes, got ${bytes}`);
  });

/** A firmware folder, and what its ini files name outside of it: paths from their common ancestor. */
export interface Manifest {
  /** `NCP_Binaries` there; "" for the ancestor itself. */
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
}

/**
 * Reads one as it came: no path of it leads out of the folder in which it is laid out, and none stands in the way of another.
 *
 * @param what it is of, for messages.
 * @throws HarnessError PACKAGE_INVALID.
 */
export function parseManifest(text: string, what: string): Manifest {
  const refused = (found: string, cause?: unknown) =>
    new HarnessError("PACKAGE_INVALID", `${what}: expected the manifest of a firmware folder, got ${found}`, { cause });
  if (text.length > MOST_MANIFEST_BYTES) throw refused(`${text.length} characters, more than ${MOST_MANIFEST_BYTES}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused("no JSON", cause);
  }
  const { data, error } = Manifest.safeParse(value);
  if (data !== undefined) return data;
  const told = error.issues.slice(0, MOST_TOLD).map(({ path, message }) => [...path, message].join(": "));
  throw refused(told.join("; "), error);
}

/** Every folder that these files are in, but the one that all paths begin from. */
export function foldersOf(paths: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const path of paths)
    for (let folder = dirname(path); folder !== "." && !folders.has(folder); folder = dirname(folder))
      folders.add(folder);
  return folders;
}
