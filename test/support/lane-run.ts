import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { SystemClock } from "../../harness/base/time.js";
import { type Ended, st67hil } from "./cli.js";
import type { Scratch } from "./scratch.js";

/** Shows in the environment of a run and of all that it starts; holds the test's folder. */
const MARK = "ST67_HIL_TEST_RUN";
const LOOK_MS = 20;
/** What is hostile need not take long: see `--grace` and `--deaf`. */
const IMPATIENT = ["--grace", "1s", "--deaf", "3s"];

/** A case as junit.xml has it. */
interface Told {
  readonly verdict: string;
  /** Code of its error or failure. */
  readonly type: string;
  /** The message of it, and all that stands below. */
  readonly text: string;
  readonly output: string;
}

export interface LaneRun extends Ended {
  readonly out: string;
  /** In the order of the report. */
  readonly cases: ReadonlyMap<string, Told>;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** A scenario file. `more` are its other fields, each with a comma behind it. */
export const own = (name: string, body: string, more = ""): string => `import { scenario } from "st67-hil";
export default scenario({
  name: ${JSON.stringify(name)}, ${more}
  async run({ attach, deadline, enterRom, expect, measure, note, openSession, skip, step }, { label }) {
${body}
  },
});
`;

/** The field `parameters` for cases of these labels. */
export const labels = (...all: readonly string[]): string =>
  `parameters: () => ${JSON.stringify(all.map((label) => ({ label })))},`;

/** Writes scenario files, and tells the arguments that run them. Their names are without extension, in their order. */
export function scenariosIn(folder: Scratch, files: Readonly<Record<string, string>>): string[] {
  mkdirSync(folder.file("scenarios"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(folder.file(`scenarios/${name}.ts`), text);
  return ["run", "--scenarios", folder.file("scenarios/*.ts"), ...IMPATIENT];
}

/** The environment of a run whose processes can be found, however they try to get away. */
export const marked = (folder: Scratch): NodeJS.ProcessEnv => ({ [MARK]: folder.path });

/** Runs scenario files, as a person does. */
export async function runScenarios(
  folder: Scratch,
  files: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<LaneRun> {
  const out = folder.file("run");
  const ended = await st67hil([...scenariosIn(folder, files), "--out", out, ...more], { env: marked(folder) });
  return { ...ended, out, ...readRun(out) };
}

/** What a run left in its folder; nothing where there is no run. */
export function readRun(out: string): Pick<LaneRun, "cases" | "events"> {
  if (!existsSync(join(out, "junit.xml"))) return { cases: new Map(), events: [] };
  const { testsuites } = parser.parse(readFileSync(join(out, "junit.xml"), "utf8"), true) as Junit;
  const cases = testsuites.testsuite.flatMap(({ testcase = [] }) => testcase).map((one) => [one.name, toldOf(one)]);
  const lines = readFileSync(join(out, "events.jsonl"), "utf8").trimEnd().split("\n");
  return {
    cases: new Map(cases as [string, Told][]),
    events: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

/** The processes of a run that are alive, by their ids; a process of another user's is none of it. */
export function processesOf(folder: Scratch): number[] {
  const mark = `${MARK}=${folder.path}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && told(`/proc/${entry}/environ`).split("\0").includes(mark))
    .map(Number);
}

/** Until none of them is left. */
export async function goneWithin(folder: Scratch, ms: number): Promise<void> {
  const clock = new SystemClock();
  for (const end = clock.now() + ms; processesOf(folder).length > 0; await clock.sleep(LOOK_MS))
    if (clock.now() > end) throw new Error(`still alive: ${processesOf(folder).map(commandOf).join("; ")}`);
}

const commandOf = (pid: number): string => `${pid} ${told(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`;

function told(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

interface Problem {
  readonly type?: string;
  readonly message?: string;
  readonly "#text"?: string;
}
interface TestCase {
  readonly name: string;
  readonly properties?: { readonly property: readonly { readonly name: string; readonly value: string }[] };
  readonly failure?: Problem;
  readonly error?: Problem;
  readonly skipped?: Problem;
  readonly "system-out"?: string;
}
interface Junit {
  readonly testsuites: { readonly testsuite: readonly { readonly testcase?: readonly TestCase[] }[] };
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  isArray: (name) => ["testsuite", "testcase", "property"].includes(name),
});

function toldOf({ properties, failure, error, skipped, "system-out": output = "" }: TestCase): Told {
  const { type = "", message = "", "#text": text = "" } = failure ?? error ?? skipped ?? {};
  const verdict = properties?.property.find(({ name }) => name === "verdict")?.value ?? "";
  return { verdict, type, text: `${message}\n${text}`, output };
}
