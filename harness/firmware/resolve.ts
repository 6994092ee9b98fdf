import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { listFolder } from "./files.js";
import { flawed } from "./flaw.js";
import type { IniFile } from "./ini.js";
import { isForeign, parseImageName } from "./names.js";

/** What `$(CHIPNAME)` stands for. */
const CHIP_NAME = "qcc743";

/** `vxxx`, or `v*`, at the end of an image's name: the version is still open. */
const OPEN_VERSION = /_v(?:xxx|\*)\.bin$/;

/**
 * The path itself where it exists; else its last part is a pattern, `*` for any run, that must fit exactly one name.
 *
 * @param dir the folder of the ini.
 * @throws HarnessError FILE_UNREADABLE.
 */
export function resolveFile(dir: string, { section, filedir }: IniFile, version: string | undefined): string {
  const path = resolve(dir, fillVersion(fillChip(filedir), version));
  const field = `[${section}] filedir`;
  if (path.endsWith("_vxxx.bin") && !existsSync(path))
    throw flawed("FILE_UNREADABLE", path, [{ field, expected: "a version for _vxxx", found: "none" }], {
      advice: "Give the version that stands for xxx, or name the file in the ini.",
    });
  if (existsSync(path) || !basename(path).includes("*")) return path;
  const pattern = basename(path)
    .split("*")
    .map((part) => part.replace(/[^\w]/g, "\\$&"));
  const fits = new RegExp(`^${pattern.join(".*")}$`);
  const names = listFolder(dirname(path)).filter((name) => fits.test(name) && !isForeign(name));
  const [only] = names;
  if (only !== undefined && names.length === 1) return join(dirname(path), only);
  throw flawed("FILE_UNREADABLE", path, [{ field, expected: "one file that fits", found: names.join(", ") || "none" }]);
}

/**
 * The versions that the folder has for an open version in `filedir`; none where it names its file.
 *
 * @param dir the folder of the ini.
 */
export function openVersions(dir: string, filedir: string): string[] {
  const path = resolve(dir, fillChip(filedir));
  if (!OPEN_VERSION.test(path) || !existsSync(dirname(path))) return [];
  const stem = basename(path).replace(OPEN_VERSION, "");
  return listFolder(dirname(path)).flatMap((name) => {
    const version = parseImageName(name)?.version;
    return version !== undefined && name === `${stem}_v${version}.bin` ? [version] : [];
  });
}

const fillChip = (path: string): string => path.replaceAll("$(CHIPNAME)", CHIP_NAME);

/** Only names of firmware images take a version: boot2's stays. */
function fillVersion(path: string, version: string | undefined): string {
  if (version === undefined) return path;
  const filled = path.replace(/_v(xxx|\*|\d+\.\d+\.\d+)\.bin$/, `_v${version}.bin`);
  return parseImageName(basename(filled)) === undefined ? path : filled;
}
