import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Fault, RunEvent, Verdict } from "../../harness/base/events.js";
import { runIn } from "../../harness/farm/old-journals.js";
import type { Farm } from "./farm.js";

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
  /** Nothing was done to any rig, agent or server: nothing is lost, begun again or warned of. */
  readonly calm?: boolean;
}

/** What came of a run, for people. */
export function summary(farm: Farm, run: string): string {
  const events = farm
    .journal(run)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RunEvent);
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const event of events) {
    if (event.type === "case.ended") count(event.verdict);
    if (event.type === "case.retried") count(`begun again (${event.fault?.code})`);
    if (event.type === "lane.lost") count(`lost (${event.fault.code})`);
    if (event.type === "run.warned") count(event.message.includes("an attempt, and no verdict") ? "late" : "warned");
  }
  return `came to ${[...counts].map(([what, times]) => `${times} ${what}`).join(", ")}`;
}

type Event<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** What is not as it should be; nothing: all is. */
export function judge(farm: Farm, expected: Expected): string[] {
  const { run } = expected;
  const text = farm.journal(run);
  const lines = text.split("\n");
  const wrong = lines.at(-1) === "" ? [] : ["events.jsonl does not end with a whole line"];
  const events = lines.slice(0, -1).map((line) => JSON.parse(line) as RunEvent);
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

const of = <T extends RunEvent["type"]>(events: readonly RunEvent[], type: T): Event<T>[] =>
  events.filter((event): event is Event<T> => event.type === type);

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
    return event.type === "run.warned" ? [`a warning for nothing: ${event.message}`] : [];
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

const nameOf = (event: { readonly case: string; readonly rig: string; readonly verdict: Verdict }): string =>
  JSON.stringify([event.case, event.rig, event.verdict]);

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

interface RigJournal {
  readonly name: string;
  readonly events: readonly RunEvent[];
}

/** Of the rigs, whole lines alone: an agent may still be at work. */
function journalsOf(farm: Farm, run: string): RigJournal[] {
  const homes = readdirSync(farm.folder.path).filter((name) => name.startsWith("agent-"));
  return homes.flatMap((home) => {
    const own = namesIn(join(farm.folder.path, home)).find((name) => runIn(name) === run) ?? run;
    const folder = join(farm.folder.path, home, own);
    return namesIn(folder).map((rig) => ({
      name: `${home}/${rig}`,
      events: readText(join(folder, rig, "events.jsonl"))
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as RunEvent),
    }));
  });
}

const MASTERS = "SIM_STATE_INVALID";

/** The simulated module tells that two drove it. */
function masters(farm: Farm, text: string, journals: readonly RigJournal[]): string[] {
  const told = [...farm.agents.values(), ...farm.ended].map(({ stderr }) => stderr);
  const heard = [text, ...told, ...journals.map(({ events }) => JSON.stringify(events))];
  return heard.some((each) => each.includes(MASTERS)) ? ["two masters drove one module"] : [];
}

/** A delivery is begun once, and its cases with it. */
function beganOnce(name: string, events: readonly RunEvent[]): string[] {
  const wrong: string[] = [];
  const begun = new Set<string>();
  let cases = new Set<string>();
  for (const event of events) {
    if (event.type === "job.begun") {
      const id = `${event.job}.${event.delivery}`;
      if (begun.has(id)) wrong.push(`${name} has begun job ${id} twice`);
      begun.add(id);
      cases = new Set();
    }
    if (event.type === "case.started") {
      if (cases.has(event.case)) wrong.push(`${name} has begun ${event.case} twice in one delivery`);
      cases.add(event.case);
    }
    if (event.type === "case.retried") cases.delete(event.case);
  }
  return wrong;
}

/** Of one rig they rise. */
function fences(name: string, events: readonly RunEvent[]): string[] {
  let last = 0;
  return of(events, "job.begun").flatMap(({ fence }) => {
    const isNew = fence > last;
    last = fence;
    return isNew ? [] : [`${name}: fencing number ${fence} is not a new one`];
  });
}

/** No delivery is begun by two rigs. */
function oneRigEach(journals: readonly RigJournal[]): string[] {
  const began = new Map<string, string>();
  return journals.flatMap(({ name, events }) =>
    of(events, "job.begun").flatMap(({ job, delivery }) => {
      const id = `${job}.${delivery}`;
      const before = began.get(id);
      began.set(id, name);
      return before === undefined || before === name ? [] : [`job ${id} was begun by ${before} and by ${name}`];
    }),
  );
}

/** What no rig has said: the clerk gave the case up. */
const OF_THE_CLERK = ["AGENT_LOST", "FARM_REFUSED", "RIG_BUSY"];

/** What the run says of a rig stands in that one's own journal; what stands there, the run has told, as a verdict or as late. */
function agree(events: readonly RunEvent[], journals: readonly RigJournal[]): string[] {
  const own = journals.flatMap((journal) => of(journal.events, "case.ended"));
  const attempts = new Set([...own, ...journals.flatMap((journal) => of(journal.events, "case.retried"))].map(nameOf));
  const wrong: string[] = [];
  for (const ended of of(events, "case.ended")) {
    const { case: name, verdict, rig, fault } = ended;
    if (verdict === "skipped" || OF_THE_CLERK.some((code) => code === fault?.code)) continue;
    if (!attempts.has(nameOf(ended))) wrong.push(`${name}: ${verdict} on ${rig} stands in no journal of that rig`);
  }
  const late = of(events, "run.warned").map(({ message }) => message);
  const given = of(events, "case.retried").filter(({ fault }) => fault?.code === "AGENT_LOST");
  for (const { case: name, verdict, rig } of own) {
    const counts = of(events, "case.ended").some(
      (each) => each.case === name && each.rig === rig && each.verdict === verdict,
    );
    const isLate = late.some((message) => message.startsWith(`${name} came to "${verdict}" on ${rig} `));
    // What comes after the run's end is told by nobody: that it was given up on that rig stands in the journal.
    const isGivenUp =
      given.some((each) => each.case === name && each.rig === rig) ||
      of(events, "case.ended").some((each) => each.case === name && each.fault?.code === "AGENT_LOST");
    const isCalledOff = of(events, "run.ended").some(({ interrupted }) => interrupted);
    if (!counts && !isLate && !isGivenUp && !isCalledOff) wrong.push(`${name}: ${verdict} on ${rig} was never told`);
  }
  return wrong;
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};
