import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { sharedFolder } from "../../rigs/guard/shared-folder.js";

/** A folder of the test's own, gone at its end, and so are the lock files of what bore its name. */
export interface Scratch extends Disposable {
  readonly path: string;
  /** The path of a file in there. */
  file(name: string): string;
}

export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), "st67-hil-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
      removeLocksOf(basename(path));
    },
  };
}

/** The program leaves them, since somebody may be about to lock one. Here nobody is, any more. */
function removeLocksOf(name: string): void {
  const folder = sharedFolder();
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) if (file.includes(name)) rmSync(join(folder, file), { force: true });
}
