import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** Of the scenarios that ship: the version of the program tells which. */
const SHIPPED = "shipped";

/** What tells one set of scenario files from another, on whatever machine and under whatever names. @throws Error for a file that cannot be read. */
export function scenariosHash(files: readonly string[]): string {
  if (files.length === 0) return SHIPPED;
  const each = files.map((file) => createHash("sha256").update(readFileSync(file)).digest("hex")).sort();
  return createHash("sha256").update(JSON.stringify(each)).digest("hex");
}
