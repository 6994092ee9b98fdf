import { readFileSync, realpathSync, statSync } from "node:fs";
import { sep } from "node:path";
import { told } from "../base/files.js";
import { refuseForeign } from "../base/trust.js";

/** What a file imports by a literal name; a name that only looks like one leads nowhere. */
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(["'`])([^"'`\n]+)\1/g;

/** Whole packages are installed by one hand: what they import is not followed. */
const PACKAGES = `${sep}node_modules${sep}`;

/**
 * Refuses code that a stranger may have written: `file` and whatever it imports, before any of it runs.
 *
 * @param resolve the path of what a file imports; `undefined`: nothing of the file system, or of this program.
 * @throws HarnessError SCENARIO_INVALID naming the folder, and what to do.
 */
export function refuseForeignCode(
  file: string,
  resolve: (name: string, importer: string) => string | undefined,
  seen = new Set<string>(),
): void {
  const real = told(() => realpathSync(file));
  if (real === undefined || seen.has(real)) return;
  seen.add(real);
  refuseForeign(file, "SCENARIO_INVALID");
  if (real.includes(PACKAGES) || !statSync(real).isFile()) return;
  for (const [, , name = ""] of told(() => readFileSync(real, "utf8"))?.matchAll(IMPORTED) ?? []) {
    const imported = resolve(name, real);
    if (imported !== undefined) refuseForeignCode(imported, resolve, seen);
  }
}
