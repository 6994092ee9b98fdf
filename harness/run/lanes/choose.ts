import { HarnessError } from "../../base/errors.js";
import type { Scenario } from "../scenario.js";
import type { CaseData } from "./messages.js";
import { type Edge, walk } from "./walk.js";

/** Which cases a run wants. */
export interface Selection {
  /** Whole names of scenarios or cases, with `*` for any run of characters; empty: all. */
  readonly patterns: readonly string[];
  /** A suite is a tag; empty: whatever suite. */
  readonly suites: readonly string[];
  readonly tags: readonly string[];
  readonly grep: RegExp | undefined;
  readonly repeat: number;
}

/** A case of a run: `as` is how this run calls it, repetitions included. */
export interface Chosen extends CaseData {
  readonly as: string;
  /** Another case of the run leads to the firmware that it begins with, and says what is wrong with that. */
  readonly isBeforeJudged?: boolean;
  /** The highest rung of the recovery ladder, in place of the scenario's own. */
  readonly ladder?: number;
}

/** Lists of tags; each of them must have one that a scenario has itself, where the scenario is lazy. */
export type Asked = readonly (readonly string[])[];

/** What a selection asks of lazy scenarios. Whoever names cases may mean any. */
export const askedBy = ({ patterns, suites, tags }: Selection): Asked =>
  patterns.length > 0 ? [] : [suites, tags].filter((list) => list.length > 0);

/** Whether a scenario is to tell its cases at all. */
export const isAsked = ({ lazy = false, tags = [] }: Pick<Scenario, "lazy" | "tags">, asked: Asked): boolean =>
  !lazy || asked.every((list) => list.some((tag) => tags.includes(tag)));

/**
 * The cases of a run in their order: as the scenarios are given, each parameter in its order, and then those that lead from
 * one firmware to another, as one walk. Repetitions are rounds over all of them, named ` #2`, ` #3`.
 *
 * @param start what is on the module before, if that is known.
 * @throws HarnessError SCENARIO_INVALID for two cases of one name, with their files, or a name that is not printable ASCII.
 */
export function choose(cases: readonly CaseData[], selection: Selection, start?: string): Chosen[] {
  refuseBadNames(cases.map((one) => ({ ...one, as: one.name })));
  const chosen = cases.filter((one) => isChosen(one, selection));
  const rounds = Array.from({ length: selection.repeat }, (_, round) =>
    chosen.map((one) => ({ ...one, as: round === 0 ? one.name : `${one.name} #${round + 1}` })),
  );
  refuseBadNames(rounds.flat());
  return inWalks(rounds.map(withJudged), start);
}

function withJudged(round: readonly Chosen[]): Chosen[] {
  const led = new Set(round.map(({ after }) => after));
  return round.map((one) => ({ ...one, ...(one.before !== undefined && { isBeforeJudged: led.has(one.before) }) }));
}

/** Of each round what leads from one firmware to another comes as one walk, behind all else of all rounds. */
export function inWalks(rounds: readonly (readonly Chosen[])[], start?: string): Chosen[] {
  const others = rounds.flat().filter((one) => !isEdge(one));
  let at = others.at(-1)?.after ?? start;
  const walks = rounds.flatMap((round) => {
    const edges = walk(round.filter(isEdge), at).flat();
    at = edges.at(-1)?.after ?? at;
    return edges;
  });
  return [...others, ...walks];
}

export const isEdge = <T extends CaseData>(one: T): one is T & Edge =>
  one.before !== undefined && one.after !== undefined;

function isChosen({ name, scenario, tags }: CaseData, { patterns, suites, tags: wanted, grep }: Selection): boolean {
  if (patterns.length > 0 && !patterns.some((pattern) => matches(pattern, scenario) || matches(pattern, name)))
    return false;
  if (suites.length > 0 && !suites.some((suite) => tags.includes(suite))) return false;
  if (wanted.length > 0 && !wanted.some((tag) => tags.includes(tag))) return false;
  return grep === undefined || grep.test(name);
}

/** Whether `pattern`, with `*` for any run of characters, is the whole of `name`. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

function refuseBadNames(cases: readonly Chosen[]): void {
  const seen = new Map<string, Chosen>();
  for (const one of cases) {
    const { as, file } = one;
    if (!/^[\x20-\x7e]+$/.test(as))
      throw new HarnessError(
        "SCENARIO_INVALID",
        `${from(file)}: case ${JSON.stringify(as)}: a name is printable ASCII`,
      );
    const other = seen.get(as);
    if (other !== undefined)
      throw new HarnessError(
        "SCENARIO_INVALID",
        `two cases are named ${JSON.stringify(as)}: one of ${from(other.file)}, one of ${from(file)}`,
      );
    seen.set(as, one);
  }
}

const from = (file: string | undefined): string => file ?? "the scenarios that ship";
