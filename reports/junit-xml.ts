import junitReportBuilder, { type Builder, type TestCase, type TestSuite } from "junit-report-builder";
import { clean, oneLine } from "../harness/base/clean.js";

/** A JUnit document as data: what the CI servers read of it. */
export interface JunitSuite {
  readonly name: string;
  readonly hostname: string;
  /** ISO 8601 with Z; `undefined` when nobody knows. */
  readonly timestamp: string | undefined;
  readonly ms: number;
  readonly properties: Readonly<Record<string, string>>;
  /** Of `cases`, which are made as they are written. */
  readonly totals: JunitTotals;
  readonly cases: Iterable<JunitCase>;
}

export interface JunitTotals {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

export interface JunitCase {
  readonly name: string;
  readonly classname: string;
  readonly timestamp: string | undefined;
  readonly ms: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly result: JunitResult | undefined;
  /** The attempts before the last one. */
  readonly attempts: readonly JunitAttempt[];
  readonly systemOut: string;
  /** Paths, for the last lines of the output. */
  readonly attachments: readonly string[];
}

export interface JunitAttempt {
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

export type JunitResult =
  | ({ readonly kind: "failure" | "error" } & JunitAttempt)
  | { readonly kind: "skipped"; readonly message: string };

type Element = ReturnType<TestCase["build"]>;

/** So many cases are a tree of the builder at a time, or so many characters of them. */
const PIECE_CASES = 500;
const PIECE_CHARS = 1_000_000;

const SUITE = "\n  <testsuite ";
const CASE = "\n    <testcase ";
const SUITE_END = "\n  </testsuite>";

/**
 * `text` as it stands in the document, and as a parser gives it back: cleaned (terminal sequences gone; controls, halves of
 * characters, marks of direction and what has no width written out, as `\x1b`; line breaks `\n`), and with no mark of an
 * attachment, which is for our own lines alone: `[[ATTACHMENT|` becomes `[ [ATTACHMENT|`.
 */
export const shown = (text: string): string => unmarked(clean(text));

/** `shown` for names, which have one line: its breaks and tabs are written out, too. */
export const shownName = (text: string): string => unmarked(oneLine(text));

const unmarked = (text: string): string => text.replace(/\[\[(?=\s*ATTACHMENT)/gi, "[ [");

/**
 * The one place that knows junit-report-builder. What it has no call for (hostname, a case's timestamp, the reason of
 * a skip, attempts, fixed decimals, text that holds `]]>` twice) is put on the elements of its tree as it hands them out,
 * before they become text. Text goes in escaped, never as CDATA, so `]]>` cannot end anything. It holds a whole document:
 * so each piece is a document of its own, of which the cases are taken.
 */
export function* renderXml(suites: Iterable<JunitSuite>, totals: JunitTotals, ms: number): Generator<string> {
  let isFirst = true;
  for (const suite of suites) {
    const frame = documentOf(suite, [], totals, ms);
    yield frame.slice(isFirst ? 0 : frame.indexOf(SUITE), frame.lastIndexOf(SUITE_END));
    isFirst = false;
    for (const piece of piecesOf(suite.cases)) {
      const text = documentOf(suite, piece, totals, ms);
      yield text.slice(text.indexOf(CASE), text.lastIndexOf(SUITE_END));
    }
    yield SUITE_END;
  }
  yield "\n</testsuites>\n";
}

function* piecesOf(cases: Iterable<JunitCase>): Generator<readonly JunitCase[]> {
  let piece: JunitCase[] = [];
  let chars = 0;
  for (const each of cases) {
    piece.push(each);
    chars += each.systemOut.length + (each.result !== undefined && "text" in each.result ? each.result.text.length : 0);
    if (piece.length < PIECE_CASES && chars < PIECE_CHARS) continue;
    yield piece;
    piece = [];
    chars = 0;
  }
  if (piece.length > 0) yield piece;
}

function documentOf(suite: JunitSuite, cases: readonly JunitCase[], totals: JunitTotals, ms: number): string {
  // Under NodeNext its default export is typed as the module.
  const builder = (junitReportBuilder as unknown as Builder).newBuilder();
  const target = builder.testSuite();
  const { name, hostname, timestamp, properties } = suite;
  target.name(shownName(name));
  addProperties(target, properties);
  for (const each of cases) addCase(target.testCase(), each);
  onceBuilt(target, (element) => {
    element
      .att({ ...suite.totals })
      .att("hostname", shownName(hostname))
      .att("time", seconds(suite.ms));
    if (timestamp !== undefined) element.att("timestamp", timestamp);
    element
      .root()
      .att({ ...totals })
      .att("time", seconds(ms));
  });
  return builder.build();
}

function addProperties(target: TestCase | TestSuite, properties: JunitCase["properties"]): void {
  for (const [key, value] of Object.entries(properties)) target.property(shownName(key), shown(value));
}

function addCase(target: TestCase, { name, classname, timestamp, ms, properties, result, ...more }: JunitCase): void {
  target.name(shownName(name)).className(shownName(classname));
  addProperties(target, properties);
  if (result?.kind === "failure") target.failure(shown(result.message), shownName(result.type));
  if (result?.kind === "error") target.error(shown(result.message), shownName(result.type));
  if (result?.kind === "skipped") target.skipped();
  onceBuilt(target, (element) => {
    element.att("time", seconds(ms));
    if (timestamp !== undefined) element.att("timestamp", timestamp);
    const verdict = element.children.find((child) => "name" in child && child.name === result?.kind);
    if (result?.kind === "skipped") verdict?.att("message", shown(result.message));
    else if (result !== undefined) verdict?.txt(shown(result.text));
    for (const { type, message, text } of more.attempts)
      element
        .ele(result === undefined ? "flakyFailure" : "rerunFailure", { message: shown(message), type: shownName(type) })
        .ele("stackTrace", {}, shown(text));
    const attachments = more.attachments.map((path) => `[[ATTACHMENT|${path}]]`);
    const output = [...(more.systemOut === "" ? [] : [shown(more.systemOut)]), ...attachments].join("\n");
    if (output !== "") element.ele("system-out", {}, output);
  });
}

function onceBuilt(node: TestCase | TestSuite, finish: (element: Element) => void): void {
  const build = node.build.bind(node);
  node.build = (parent: Element) => {
    const element = build(parent);
    finish(element);
    return element;
  };
}

/** Fixed decimals: some servers cannot read 1e-7. */
const seconds = (ms: number): string => (ms / 1000).toFixed(3);
