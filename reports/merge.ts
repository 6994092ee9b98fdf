import { count } from "../harness/base/count.js";
import { HarnessError } from "../harness/base/errors.js";
import type { Fact } from "../harness/base/events.js";
import { refuseUnlike } from "./merge-checks.js";
import type { CaseEntry, RunSummary } from "./row.js";
import type { Story } from "./story.js";

/** A run that is merged with others. */
export interface Part {
  /** As people see it. */
  readonly folder: string;
  readonly story: Story;
}

/** A case of a part, and what it is called among those of all. */
export interface Member {
  readonly part: Part;
  readonly entry: CaseEntry;
  readonly name: string;
}

/** What the merged run is, before anything of it is written. */
export interface Merger {
  readonly parts: readonly Part[];
  readonly started: Extract<Fact, { type: "run.started" }>;
  readonly members: readonly Member[];
  readonly interrupted: boolean;
  /** What whoever asked for it ought to know. */
  readonly told: readonly string[];
}

/**
 * Runs as one, one after the other, shards in their order. A case that several
 * rigs ran is called ` [rig]` besides. A shard that is missing makes it an interrupted one.
 *
 * @throws HarnessError USAGE for runs that are not parts of one.
 */
export function mergeOf(parts: readonly Part[]): Merger {
  refuseUnlike(parts);
  const all = parts.map(({ story }) => story.summary);
  const missing = missingOf(all);
  const ids = [...new Set(all.map(({ runId }) => runId))];
  const runId = joined(ids);
  return {
    parts,
    started: startedOf(all, runId, missing.length),
    members: namesOf(inOrder(parts), all[0]?.shard !== undefined),
    interrupted: missing.length > 0 || all.some(({ interrupted }) => interrupted),
    told: [
      ...missing.map((index) => `shard ${index}/${all[0]?.shard?.of} is missing: the merged run counts as interrupted`),
      ...parts.flatMap(({ folder, story }) => (story.summary.interrupted ? [`${folder}: it was interrupted`] : [])),
      ...(ids.length > 1 ? [`the runs have ${count(ids.length, "id")}: the merged one is ${runId}`] : []),
    ],
  };
}

const MOST_IDS = 4;
/** All ids, or the first one and how many more there are. */
const joined = ([first = "", ...more]: readonly string[]): string =>
  more.length < MOST_IDS ? [first, ...more].join("+") : `${first}+${more.length}`;

function missingOf(all: readonly RunSummary[]): number[] {
  const there = all.map(({ shard }) => shard?.index);
  const of = all[0]?.shard?.of ?? 0;
  return Array.from({ length: of }, (_, index) => index + 1).filter((index) => !there.includes(index));
}

/** @param missing how many shards are: each counts as many cases as the largest that is there. */
function startedOf(all: readonly RunSummary[], runId: string, missing: number): Merger["started"] {
  const planned = all.map((each) => each.planned);
  const rigs = all.flatMap((each) => each.rigs);
  const names = (some: typeof rigs) => [...new Set(some.map(({ name }) => name))];
  const plans = new Set(all.map(({ plan }) => plan));
  const [first] = all;
  const plan = plans.size === 1 ? first?.plan : undefined;
  return {
    type: "run.started",
    wallTime: all.map(({ wallTime }) => wallTime).reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a)),
    runId,
    harness: [...new Set(all.map(({ harness }) => harness))].join(", "),
    seed: first?.seed ?? 0,
    rigs: names(rigs),
    simulated: names(rigs.filter(({ simulated }) => simulated)),
    cases: planned.reduce((sum, each) => sum + each, 0) + missing * Math.max(1, ...planned),
    ...(plan !== undefined && { plan }),
    ...(first?.stress !== undefined && { stress: first.stress.plan }),
    merged: all.length,
    // Asked of any of them, it is asked of all: nothing becomes green by being merged.
    ...(all.some(({ options }) => options?.["failOnFlaky"] === true) && { options: { failOnFlaky: true } }),
    firmwares: Object.assign({}, ...all.map(({ firmwares }) => firmwares)),
  };
}

function* inOrder(parts: readonly Part[]): Generator<Omit<Member, "name">> {
  const indexOf = ({ story }: Part): number => story.summary.shard?.index ?? 0;
  for (const part of parts.toSorted((a, b) => indexOf(a) - indexOf(b)))
    for (const entry of part.story.summary.cases) yield { part, entry };
}

/** @throws HarnessError USAGE for a case that came to two verdicts. */
function namesOf(cases: Iterable<Omit<Member, "name">>, isSharded: boolean): Member[] {
  const all = [...cases];
  const owners = new Map<string, Part>();
  const shared = new Set<string>();
  for (const { part, entry } of all) {
    const owner = owners.get(entry.case);
    if (owner !== undefined && owner !== part) shared.add(entry.case);
    owners.set(entry.case, part);
  }
  const taken = new Map<string, Part>();
  return all.map(({ part, entry }) => {
    const name = shared.has(entry.case) && !isSharded ? `${entry.case} [${entry.rig}]` : entry.case;
    const other = taken.get(name) ?? part;
    if (other !== part)
      throw new HarnessError(
        "USAGE",
        `the case ${JSON.stringify(entry.case)} of rig ${entry.rig} is in ${other.folder} and in ${part.folder}: which of both verdicts counts?`,
        { advice: "Merge shards of one run, or runs of different rigs." },
      );
    taken.set(name, part);
    return { part, entry, name };
  });
}
