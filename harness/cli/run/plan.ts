import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { oneLine } from "../../base/clean.js";
import { HarnessError } from "../../base/errors.js";
import type { Fault } from "../../base/events.js";
import { didYouMean } from "../../base/nearest.js";
import { askedBy, type Chosen, choose, matches, type Selection } from "../../run/lanes/choose.js";
import type { Crew, Loaded } from "../../run/lanes/crew.js";
import type { CaseData } from "../../run/lanes/messages.js";
import { parts } from "../../run/lanes/walk.js";
import { type Choice, selectionOf } from "../options/cases.js";
import { PROFILES } from "../options/options.js";
import { print, printJson, tell } from "../terminal/output.js";
import { crewsOf, type Wanted } from "./crews.js";

/** What a run will do. */
export interface Planned {
  readonly cases: readonly Chosen[];
  /** Scenario files that could not be loaded, each as the case that it is in reports. */
  readonly refused: readonly { readonly name: string; readonly fault: Fault }[];
  /** SHA-256 of the names of all, other shards' too, in their order. */
  readonly plan: string;
  /** How many there are in all. */
  readonly all: number;
  /** Labels of the firmwares that any of them programs. */
  readonly firmwares: readonly string[];
}

/** Of all its cases, in their order. */
export const namesOf = ({ refused, cases }: Planned): string[] => [
  ...refused.map(({ name }) => name),
  ...cases.map(({ as }) => as),
];

/**
 * Has every crew load the scenarios, and chooses among what the first one tells: the others look their cases up by name.
 *
 * @throws HarnessError USAGE when no case is left; SCENARIO_INVALID; what keeps a lane from working.
 */
export async function planned(crews: readonly Crew[], args: Choice): Promise<Planned> {
  const selection = selectionOf(args);
  const loading = crews.map((crew) => crew.load(askedBy(selection)));
  // Nobody ends a lane that is still loading: it would be waited for twice.
  await Promise.allSettled(loading);
  const [first] = await Promise.all(loading);
  const { cases, refused }: Loaded = first ?? { cases: [], refused: [] };
  refuseUnmatched(cases, refused.length > 0, selection);
  const chosen = choose(cases, selection, crews[0]?.rig.reference);
  const broken = refused.map(({ file, fault }) => ({ name: `load ${ascii(relative(process.cwd(), file))}`, fault }));
  const names = [...broken.map(({ name }) => name), ...chosen.map(({ as }) => as)];
  const advice = "`st67-hil list` shows the cases that there are.";
  if (names.length === 0) throw new HarnessError("USAGE", "no case matches these options", { advice });
  const { index, of } = args.shard ?? { index: 1, of: 1 };
  // In a row, so that a walk is cut in as few places as can be.
  const ours = new Set(parts(names, of)[index - 1]);
  return {
    cases: chosen.filter(({ as }) => ours.has(as)),
    refused: broken.filter(({ name }) => ours.has(name)),
    plan: createHash("sha256").update(JSON.stringify(names)).digest("hex"),
    all: names.length,
    firmwares: [...new Set(chosen.flatMap(labelsOf))].sort(),
  };
}

const labelsOf = ({ firmwares, before, after }: Chosen): string[] =>
  [...firmwares, before, after].filter((label) => label !== undefined);

/**
 * What fits nothing was meant to fit something. Of files that could not be loaded nobody knows what they would have had.
 *
 * @throws HarnessError USAGE
 */
function refuseUnmatched(cases: readonly CaseData[], someAreMissing: boolean, { patterns, tags }: Selection): void {
  if (someAreMissing) return;
  const names = [...new Set(cases.flatMap(({ scenario, name }) => [scenario, name]))];
  const alone = patterns.find((pattern) => !names.some((name) => matches(pattern, name)));
  if (alone !== undefined)
    throw new HarnessError(
      "USAGE",
      `no scenario and no case is called ${JSON.stringify(alone)}${meant(alone, names)}`,
      {
        advice: "`st67-hil list` shows the cases that there are; * stands for anything.",
      },
    );
  const known = [...new Set(cases.flatMap((each) => each.tags))];
  const tag = tags.find((each) => !known.includes(each));
  if (tag === undefined) return;
  const there = known.join(", ") || "none";
  throw new HarnessError("USAGE", `--tag ${tag}: no case has it; there is ${there}${didYouMean(tag, known)}`);
}

/** A word that stands alone may belong to the option before it. */
function meant(word: string, names: readonly string[]): string {
  if ((PROFILES as readonly string[]).includes(word)) return `; a second profile is written --profile t01,${word}`;
  if (/^\d+\.\d+\.\d+$/.test(word)) return `; a second version is written --fw-version 2.0.97,${word}`;
  if (existsSync(word)) return `; a second file is written --scenarios ${word}`;
  return didYouMean(word, names);
}

/** A case's name is ASCII, whatever its file is called. */
const ascii = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** What a run would do: one lane loads the scenarios and ends, no rig is opened. */
export async function dryRun(args: Wanted & Choice, signal: AbortSignal): Promise<Planned> {
  const crews = crewsOf(
    { ...args, configs: args.configs.slice(0, 1) },
    { folder: undefined, emit: () => undefined, signal },
  );
  try {
    return await planned(crews, args);
  } finally {
    await Promise.all(crews.map((crew) => crew.end()));
  }
}

/** The same document for `list` and for `run --dry-run`. @returns the exit code: 2 when a file could not be loaded. */
export function tellPlanned({ cases, refused, all }: Planned, json: boolean): number {
  const told = cases.map(({ as: name, scenario, tags, needs }) => ({ name, scenario, tags, needs }));
  if (json) printJson([...told, ...refused]);
  else for (const { name } of [...told, ...refused]) print(oneLine(name));
  if (cases.length + refused.length === 0) tell(`this shard has no case: there are fewer of them, ${all}, than shards`);
  for (const { code, blame, message } of refused.map(({ fault }) => fault))
    tell(`error ${code} (${blame}): ${message}`);
  return refused.length > 0 ? 2 : 0;
}
