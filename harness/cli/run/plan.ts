import { relative } from "node:path";
import { oneLine } from "../../base/clean.js";
import { HarnessError } from "../../base/errors.js";
import type { Fault } from "../../base/events.js";
import { type Chosen, choose } from "../../run/lanes/choose.js";
import type { Crew, Loaded } from "../../run/lanes/crew.js";
import { type Choice, selectionOf } from "../options/cases.js";
import { print, printJson, tell } from "../terminal/output.js";
import { crewsOf, type Wanted } from "./crews.js";

/** What a run will do. */
export interface Planned {
  readonly cases: readonly Chosen[];
  /** Scenario files that could not be loaded, each as the case that it is in reports. */
  readonly refused: readonly { readonly name: string; readonly fault: Fault }[];
}

/**
 * Has every crew load the scenarios, and chooses among what the first one tells: the others look their cases up by name.
 *
 * @throws HarnessError USAGE when no case is left; SCENARIO_INVALID; what keeps a lane from working.
 */
export async function planned(crews: readonly Crew[], args: Choice): Promise<Planned> {
  const selection = selectionOf(args);
  const [first] = await Promise.all(crews.map((crew) => crew.load()));
  const { cases, refused }: Loaded = first ?? { cases: [], refused: [] };
  const plan = {
    cases: choose(cases, selection),
    refused: refused.map(({ file, fault }) => ({ name: `load ${ascii(relative(process.cwd(), file))}`, fault })),
  };
  if (plan.cases.length + plan.refused.length > 0) return plan;
  throw new HarnessError("USAGE", "no case matches these options", {
    advice: "`st67-hil list` shows the cases that there are.",
  });
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
export function tellPlanned({ cases, refused }: Planned, json: boolean): number {
  const told = cases.map(({ as: name, scenario, tags, needs }) => ({ name, scenario, tags, needs }));
  if (json) printJson([...told, ...refused]);
  else for (const { name } of [...told, ...refused]) print(oneLine(name));
  for (const { code, blame, message } of refused.map(({ fault }) => fault))
    tell(`error ${code} (${blame}): ${message}`);
  return refused.length > 0 ? 2 : 0;
}
