import { join } from "node:path";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Fault, RunEvent, Verdict } from "../../harness/base/events.js";
import type { Farm } from "./farm.js";
import { agree, beganOnce, fences, journalsOf, masters, oneRigEach, readText } from "./rig-journals.js";
import { nameOf, of } from "./told.js";

/** How a run is to end. */
export interface Expected {
  readonly run: string;
  readonly cases: readonly string[];
  readonly code: number | NodeJS.Signals;
  /** These alone are right; default: all cases pass. */
  readonly codes?: readonly number[];
  readonly verdicts?: readonly Verdict[];
  /** It was called off: what had not begun has no verdict. */
  readonly interrupted?: boolean;
  /** Several agents were ended: a case is begun again once, and breaks where that one's agent was ended, too. */
  readonly twice?: boolean;
  /** Nothing was done to any rig, agent or server: nothing is lost, or begun again. */
  readonly calm?: boolean;
}

/** What came of a run, for people. */
export function summary(farm: Farm, run: string): string {
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const event of farm.events(run)) {
    if (event.type === "case.ended") count(event.verdict);
    if (event.type === "case.retried") count(`begun again (${event.fault?.code})`);
    if (event.type === "lane.lost") count(`lost (${event.fault.code})`);
    if (event.type === "run.warned") count(event.message.includes("an attempt, and no verdict") ? "late" : "warned");
  }
  return `came to ${[...counts].map(([what, times]) => `${times} ${what}`).join(", ")}`;
}

/** What is not as it should be; nothing: all is. */
export function judge(farm: Farm, expected: Expected): string[] {
  const { run } = expected;
  const text = farm.journal(run);
  const wrong = text.endsWith("\n") ? [] : ["events.jsonl does not end with a whole line"];
  const events = farm.events(run);
  const journals = journalsOf(farm, run);
  return [
    ...wrong,
    ...events
      .flatMap(({ seq }, index) => (seq === index ? [] : [`event ${index} of the run has seq ${seq}`]))
      .slice(0, 1),
    ...verdicts(events, expected),
    ...orderOf(events),
    ...(expected.calm === true ? uncalled(events) : []),
    ...codeOf(events, expected),
    ...reports(farm.out(run), events),
    ...masters(farm, text, journals),
    ...journals.flatMap(({ name, events }) => beganOnce(name, events)),
    ...journals.flatMap(({ name, events }) => fences(name, events)),
    ...oneRigEach(journals),
    ...agree(events, journals),
  ];
}

const isOfAgent = ({ fault }: { readonly fault?: Fault | undefined }): boolean => fault?.code === "AGENT_LOST";

/** Each case has one verdict, and nothing else has. */
function verdicts(
  events: readonly RunEvent[],
  { cases, interrupted = false, verdicts = ["passed"], twice = false }: Expected,
): string[] {
  const ended = of(events, "case.ended");
  const runs = of(events, "run.ended");
  const wrong =
    runs.length === 1 && events.at(-1)?.type !== "run.started" ? [] : [`the run has ended ${runs.length} times`];
  if (runs[0] !== undefined && runs[0].interrupted !== interrupted)
    wrong.push(interrupted ? "the run is not told as interrupted" : "the run is told as interrupted");
  for (const name of cases) {
    const mine = ended.filter((event) => event.case === name);
    if (mine.length > 1 || (mine.length === 0 && !interrupted)) wrong.push(`${name} has ${mine.length} verdicts`);
    const isMoved = of(events, "case.retried").some((event) => event.case === name && isOfAgent(event));
    for (const { verdict, reason, fault } of mine)
      if (!verdicts.includes(verdict) && !(twice && isMoved && isOfAgent({ fault })))
        wrong.push(`${name}: ${verdict}: ${reason ?? fault?.code}: ${fault?.message ?? ""}`);
  }
  for (const event of ended) if (!cases.includes(event.case)) wrong.push(`${event.case} is nobody's`);
  return wrong;
}

function uncalled(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === "lane.lost") return [`${event.rig} was lost for nothing: ${event.fault.message}`];
    if (event.type === "case.retried") return [`${event.case} began again for nothing: ${event.fault?.message}`];
    return [];
  });
}

/** A case is under way on one rig at a time, and has begun before it ends. */
function orderOf(events: readonly RunEvent[]): string[] {
  const open = new Map<string, string>();
  const over = new Set<string>();
  const tried = new Set<string>();
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type === "case.started") {
      const before = open.get(event.case);
      if (before !== undefined) wrong.push(`${event.case} began on ${event.rig} while it was under way on ${before}`);
      if (over.has(event.case)) wrong.push(`${event.case} began on ${event.rig} after its end`);
      open.set(event.case, event.rig);
    }
    if (event.type === "case.ended" || event.type === "case.retried") {
      // One that is given up comes to what its attempt came to, where that was.
      const isGivenUp = !open.has(event.case) && tried.has(nameOf(event));
      if (open.get(event.case) !== event.rig && !isGivenUp)
        wrong.push(`${event.case} ended on ${event.rig}, and was under way on ${open.get(event.case)}`);
      open.delete(event.case);
    }
    if (event.type === "case.retried") tried.add(nameOf(event));
    if (event.type === "case.ended") over.add(event.case);
  }
  return wrong;
}

function codeOf(events: readonly RunEvent[], { code, codes }: Expected): string[] {
  const ended = of(events, "case.ended");
  const has = (verdict: Verdict) => ended.some((event) => event.verdict === verdict);
  const isSpoilt =
    of(events, "run.ended").some(({ interrupted }) => interrupted) || of(events, "rig.retired").length > 0;
  const nothing = ended.every(({ verdict }) => verdict === "skipped");
  const right = has("failed") ? 1 : has("broken") || has("aborted") || isSpoilt || nothing ? 2 : 0;
  const all = codes ?? [right];
  return all.some((each) => each === code) ? [] : [`exit code ${code}, not ${all.join(" or ")}`];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  isArray: (name) => ["testsuite", "testcase"].includes(name),
});

interface Junit {
  readonly testsuites: { readonly testsuite?: readonly { readonly testcase?: readonly { readonly name: string }[] }[] };
}

function reports(out: string, events: readonly RunEvent[]): string[] {
  const xml = readText(join(out, "junit.xml"));
  if (XMLValidator.validate(xml) !== true) return ["junit.xml is not well-formed"];
  const { testsuites } = parser.parse(xml) as Junit;
  const names = (testsuites.testsuite ?? []).flatMap(({ testcase = [] }) => testcase).map(({ name }) => name);
  return [...new Set(of(events, "case.ended").map((event) => event.case))].flatMap((name) => {
    const times = names.filter((each) => each === name).length;
    return times === 1 ? [] : [`junit.xml has ${name} ${times} times`];
  });
}
