import { mkdirSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { HarnessError } from "../harness/base/errors.js";
import { writeWhole } from "../harness/base/files.js";
import { renderJunit } from "./junit.js";
import type { RunSummary } from "./row.js";

interface WriteOptions {
  /** Where `junit.xml` goes once more, for a CI server that wants it elsewhere. */
  readonly junitFile?: string;
}

/**
 * Writes every report of a run into its folder. Attachments are named as seen from the current folder, which is the
 * project's on a CI server. A reader sees the old file or the new one, whole.
 *
 * @throws HarnessError REPORT_FAILED
 */
export function writeReports(runDir: string, summary: RunSummary, { junitFile }: WriteOptions = {}): void {
  const xml = renderJunit(summary, { attachmentBase: fromHere(runDir) });
  for (const file of [join(runDir, "junit.xml"), ...(junitFile === undefined ? [] : [junitFile])]) {
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeWhole(file, xml);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new HarnessError("REPORT_FAILED", why, { cause });
    }
  }
}

function fromHere(path: string): string {
  const way = relative(process.cwd(), path);
  const outside = way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  return (outside ? resolve(path) : way).split(sep).join("/");
}
