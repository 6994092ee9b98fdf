import { readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * After the last test of a run: its temporary folder goes, with what is left in it.
 *
 * @throws Error naming what is left: some test does not clean up, and a run has failed.
 */
export default function afterAll(): void {
  const folder = tmpdir();
  const left = readdirSync(folder).map((name) => tell(join(folder, name), name));
  rmSync(folder, { recursive: true });
  process.env["TMPDIR"] = dirname(folder);
  if (left.length > 0) throw new Error(`tests left in their temporary folder: ${left.join(", ")}`);
}

/** What is in a folder says whose it was. */
const tell = (path: string, name: string): string =>
  statSync(path).isDirectory() ? `${name} (${readdirSync(path).join(" ") || "empty"})` : name;
