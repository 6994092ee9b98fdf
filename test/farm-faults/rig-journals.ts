import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../../harness/base/events.js";
import { runIn } from "../../harness/farm/old-journals.js";
import type { Farm } from "./farm.js";
import { nameOf, of } from "./told.js";

export interface RigJournal {
  readonly name: string;
  readonly events: readonly RunEvent[];
}

/** Of the rigs, whole lines alone: an agent may still be at work. */
export function journalsOf(farm: Farm, run: string): RigJournal[] {
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
export function masters(farm: Farm, text: string, journals: readonly RigJournal[]): string[] {
  const told = [...farm.agents.values(), ...farm.ended].map(({ stderr }) => stderr);
  const heard = [text, ...told, ...journals.map(({ events }) => JSON.stringify(events))];
  return heard.some((each) => each.includes(MASTERS)) ? ["two masters drove one module"] : [];
}

/** A delivery is begun once, and its cases with it. */
export function beganOnce(name: string, events: readonly RunEvent[]): string[] {
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
export function fences(name: string, events: readonly RunEvent[]): string[] {
  let last = 0;
  return of(events, "job.begun").flatMap(({ fence }) => {
    const isNew = fence > last;
    last = fence;
    return isNew ? [] : [`${name}: fencing number ${fence} is not a new one`];
  });
}

/** No delivery is begun by two rigs. */
export function oneRigEach(journals: readonly RigJournal[]): string[] {
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
export function agree(events: readonly RunEvent[], journals: readonly RigJournal[]): string[] {
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

export const readText = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};
