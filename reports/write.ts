import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { HarnessError } from "../harness/base/errors.js";
import { writePieces } from "../harness/base/files.js";
import { makeFolder } from "../harness/base/folders.js";
import { ALLURE_RESULTS, writeAllure } from "./allure.js";
import { renderCtrf } from "./ctrf.js";
import { renderJunit } from "./junit.js";
import { renderMarkdown } from "./markdown-summary.js";
import { renderMetrics } from "./metrics.js";
import type { PagePast } from "./page/past.js";
import type { Story } from "./story.js";

interface RenderOptions {
  /** Put before the path of each attachment, which is relative to the run's folder. */
  readonly attachmentBase: string;
}

/** A file of the run's folder, as pieces of text that come one after the other. */
interface Report {
  readonly name: string;
  readonly render: (story: Story, options: RenderOptions) => Iterable<string>;
}

const JUNIT: Report = { name: "junit.xml", render: renderJunit };
const REPORTS: readonly Report[] = [
  JUNIT,
  { name: "results.json", render: renderCtrf },
  { name: "summary.md", render: renderMarkdown },
  { name: "metrics.txt", render: renderMetrics },
];

/** For people: it is loaded when it is written. */
export const PAGE = "report.html";

/** The names of all reports, as they lie in the run's folder. */
export const REPORT_NAMES: readonly string[] = [...REPORTS.map(({ name }) => name), PAGE];

interface WriteOptions {
  /** Where `junit.xml` goes once more, for a CI server that wants it elsewhere. */
  readonly junitFile?: string | undefined;
  /** Default: the run's folder as seen from the current one, which is the project's on a CI server. */
  readonly attachmentBase?: string | undefined;
  /** What past runs say beside it, for the page. */
  readonly past?: PagePast | undefined;
}

/**
 * Writes every report of a run into its folder, one after the other. A reader sees the old file or the new one, whole. One
 * that fails stops no other one; the page, which draws, comes last.
 *
 * @throws HarnessError REPORT_FAILED; an AggregateError of several.
 */
export async function writeReports(
  runDir: string,
  story: Story,
  { junitFile, attachmentBase = fromHere(runDir), past }: WriteOptions = {},
): Promise<void> {
  const files = [
    ...REPORTS.map(({ name, render }) => ({ file: join(runDir, name), render })),
    ...(junitFile === undefined ? [] : [{ file: junitFile, render: JUNIT.render }]),
  ];
  const failures: HarnessError[] = [];
  const attempt = async (file: string, write: () => void | Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (cause) {
      failures.push(failed(file, cause));
    }
  };
  for (const { file, render } of files) {
    await attempt(file, () => {
      makeFolder(dirname(file));
      writePieces(file, render(story, { attachmentBase }));
    });
  }
  await attempt(join(runDir, ALLURE_RESULTS), () => writeAllure(runDir, story));
  await attempt(join(runDir, PAGE), async () => {
    const [{ renderPage }, { filesIn }] = await Promise.all([import("./page/page.js"), import("./page/files.js")]);
    writePieces(join(runDir, PAGE), renderPage(story, filesIn(runDir), past));
  });
  if (failures.length > 1) throw new AggregateError(failures);
  for (const failure of failures) throw failure;
}

function failed(file: string, cause: unknown): HarnessError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const named = why.startsWith(file) ? why : `${file}: ${why}`;
  return new HarnessError("REPORT_FAILED", named, { cause });
}

function fromHere(path: string): string {
  const way = relative(process.cwd(), path);
  const outside = way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  return (outside ? resolve(path) : way).split(sep).join("/");
}
