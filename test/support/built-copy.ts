import { cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** What was built, as if it had been put into `folder`. @returns its `dist`. */
export function builtCopy(folder: string): string {
  for (const name of ["dist", "package.json"]) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return join(folder, "dist");
}
