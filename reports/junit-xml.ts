import junitReportBuilder, { type Builder, type TestCase, type TestSuite } from "junit-report-builder";
import { clean } from "../harness/base/clean.js";

/** A JUnit document as data: what the CI servers read of it. */
export interface JunitSuite {
  readonly name: string;
  readonly hostname: string;
  /** ISO 8601 with Z; `undefined` when nobody knows. */
  readonly timestamp: string | undefined;
  readonly ms: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly JunitCase[];
}

export interface JunitCase {
  readonly name: string;
  readonly classname: string;
  readonly timestamp: string | undefined;
  readonly ms: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly result: JunitResult | undefined;
  readonly systemOut: string;
}

export type JunitResult =
  | { readonly kind: "failure" | "error"; readonly type: string; readonly message: string; readonly text: string }
  | { readonly kind: "skipped"; readonly message: string };

type Element = ReturnType<TestCase["build"]>;

/**
 * The one place that knows junit-report-builder. What it has no call for (hostname, a case's timestamp, the reason of
 * a skip, fixed decimals, text that holds `]]>` twice) is put on the elements of its tree as it hands them out, before
 * they become text. Text goes in escaped, never as CDATA, so `]]>` cannot end anything.
 */
export function renderXml(suites: readonly JunitSuite[], ms: number): string {
  // Under NodeNext its default export is typed as the module.
  const builder = (junitReportBuilder as unknown as Builder).newBuilder();
  for (const suite of suites) addSuite(builder.testSuite(), suite, ms);
  return `${builder.build()}\n`;
}

function addSuite(suite: TestSuite, { name, hostname, timestamp, ms, properties, cases }: JunitSuite, runMs: number) {
  suite.name(clean(name));
  for (const [key, value] of Object.entries(properties)) suite.property(clean(key), clean(value));
  for (const each of cases) addCase(suite.testCase(), each);
  onceBuilt(suite, (element) => {
    element.att("hostname", clean(hostname)).att("time", seconds(ms));
    if (timestamp !== undefined) element.att("timestamp", timestamp);
    element.root().att("time", seconds(runMs));
  });
}

function addCase(target: TestCase, { name, classname, timestamp, ms, properties, result, systemOut }: JunitCase) {
  target.name(clean(name)).className(clean(classname));
  for (const [key, value] of Object.entries(properties)) target.property(clean(key), clean(value));
  if (result?.kind === "failure") target.failure(clean(result.message), clean(result.type));
  if (result?.kind === "error") target.error(clean(result.message), clean(result.type));
  if (result?.kind === "skipped") target.skipped();
  onceBuilt(target, (element) => {
    element.att("time", seconds(ms));
    if (timestamp !== undefined) element.att("timestamp", timestamp);
    const verdict = element.children.find((child) => "name" in child && child.name === result?.kind);
    if (result?.kind === "skipped") verdict?.att("message", clean(result.message));
    else if (result !== undefined) verdict?.txt(clean(result.text));
    if (systemOut !== "") element.ele("system-out", {}, clean(systemOut));
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
