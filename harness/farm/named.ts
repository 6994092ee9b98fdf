import { realpathSync } from "node:fs";
import { dirname, isAbsolute, normalize, resolve } from "node:path";
import { HarnessError } from "../base/errors.js";
import { readBytes } from "../firmware/files.js";
import type { IniFile } from "../firmware/ini.js";
import { readFlashIni } from "../firmware/ini-text.js";
import { resolveFile } from "../firmware/resolve.js";

const LARGEST_INI_BYTES = 1024 * 1024;

/**
 * The files that an ini of the folder `dir`, a real path, may mean, there or not, and the containers beside them. An ini that
 * nobody can read names none.
 *
 * @param versions that may be asked for.
 * @throws HarnessError PACKAGE_INVALID where the same ini would mean other files on another machine.
 */
export function namedBy(ini: string, dir: string, versions: readonly string[]): string[] {
  const files = orNone(() => readFlashIni(readBytes(ini, "an ini file", LARGEST_INI_BYTES), ini).files) ?? [];
  if (files.length > 0 && dirname(realpathSync(ini)) !== dir)
    throw unsendable(ini, "an ini file that lies in the folder itself", `a link to ${realpathSync(ini)}`);
  return files.flatMap((file) => {
    refuseElsewhere(ini, dir, file);
    const wanted = [undefined, ...versions];
    const paths = wanted.map((version) => orNone(() => resolveFile(dir, file, version)) ?? resolve(dir, file.filedir));
    return [...new Set(paths)].flatMap((path) => [path, ...containersOf(path)]);
  });
}

/** Past the root `..` leads nowhere: a deeper folder would have another file there. */
function refuseElsewhere(ini: string, dir: string, { section, filedir }: IniFile): void {
  const ups = normalize(filedir)
    .split("/")
    .filter((name) => name === "..").length;
  const depth = dir.split("/").filter((name) => name !== "").length;
  if (isAbsolute(filedir) || ups > depth)
    throw unsendable(ini, `a path from the ini file for [${section}]`, JSON.stringify(filedir));
}

const containersOf = (path: string): string[] =>
  path.endsWith(".bin") ? [".bin.ota", ".xz.ota"].map((end) => path.replace(/\.bin$/, end)) : [];

const unsendable = (ini: string, expected: string, found: string): HarnessError =>
  new HarnessError("PACKAGE_INVALID", `${ini}: expected ${expected}, got ${found}`, {
    advice: "Another machine would not find the same files by it: put them beside each other, or remove this ini file.",
  });

function orNone<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}
