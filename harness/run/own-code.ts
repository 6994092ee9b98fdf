import { readFileSync, realpathSync, statSync } from "node:fs";
import { sep } from "node:path";
import { told } from "../base/files.js";
import { refuseForeign } from "../base/trust.js";

/** What a file imports by a literal name; a name that only looks like one leads nowhere. */
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(["'`])([^"'`\n]+)\1/g;

/** Whole packages are installed by one hand: what they import is not followed. */
const PACKAGES = `${sep}node_modules${sep}`;

/** The path of what a file imports; `undefined`: nothing of the file system, or of this program. */
export type Resolve = (name: string, importer: string) => string | undefined;

/**
 * Refuses code that a stranger may have written: `file` and whatever it imports, before any of it runs.
 *
 * @throws HarnessError SCENARIO_INVALID naming the folder, and what to do.
 */
export const refuseForeignCode = (file: string, resolve: Resolve): void =>
  visit(file, resolve, (path) => refuseForeign(path, "SCENARIO_INVALID"));

/** Paths of `file`, there or not, and of the files that it imports, in the order in which they are named. */
export function filesOf(file: string, resolve: Resolve): string[] {
  const seen = new Set<string>();
  visit(file, resolve, () => undefined, seen);
  return [file, ...[...seen].slice(1).filter((path) => statSync(path).isFile())];
}

function visit(file: string, resolve: Resolve, look: (path: string) => void, seen = new Set<string>()): void {
  const real = told(() => realpathSync(file));
  if (real === undefined || seen.has(real)) return;
  seen.add(real);
  look(file);
  if (real.includes(PACKAGES) || !statSync(real).isFile()) return;
  for (const [, , name = ""] of told(() => readFileSync(real, "utf8"))?.matchAll(IMPORTED) ?? []) {
    const imported = resolve(name, real);
    if (imported !== undefined) visit(imported, resolve, look, seen);
  }
}
