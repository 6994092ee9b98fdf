import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { HarnessError } from "../harness/base/errors.js";
import { writeWhole } from "../harness/base/files.js";
import { makeFolder } from "../harness/base/folders.js";
import { renderJunit } from "./junit.js";
import type { Story } from "./story.js";

interface WriteOptions {
  /** Where `junit.xml` goes once more, for a CI server that wants it elsewhere. */
  readonly junitFile?: string;
}

/**
 * Writes every report of a run into its folder. Attachments are named as seen from the current folder, which is the
 * project's on a CI server. A reader sees the old file or the new one, whole. One that fails stops no other one.
 *
 * @throws HarnessError REPORT_FAILED; an AggregateError of several.
 */
export function writeReports(runDir: string, story: Story, { junitFile }: WriteOptions = {}): void {
  const xml = renderJunit(story, { attachmentBase: fromHere(runDir) });
  const failures: HarnessError[] = [];
  for (const file of [join(runDir, "junit.xml"), ...(junitFile === undefined ? [] : [junitFile])]) {
    try {
      makeFolder(dirname(file));
      writeWhole(file, xml);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      failures.push(new HarnessError("REPORT_FAILED", why, { cause }));
    }
  }
  if (failures.length > 1) throw new AggregateError(failures);
  for (const failure of failures) throw failure;
}

function fromHere(path: string): string {
  const way = relative(process.cwd(), path);
  const outside = way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  return (outside ? resolve(path) : way).split(sep).join("/");
}
