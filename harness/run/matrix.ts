import { HarnessError } from "../base/errors.js";
import type { Firmware, Matrix, Need, Parameter, Scenario } from "./scenario.js";

const DEFAULT_TIMEOUT_MS = 600_000;

/** One scenario with one parameter, as a report names it. */
export interface Case {
  readonly name: string;
  readonly scenario: string;
  readonly needs: readonly Need[];
  readonly tags: readonly string[];
  readonly timeoutMs: number;
  readonly firmwares: readonly Firmware[];
  readonly run: Scenario["run"];
  readonly parameter: Parameter;
}

/** Which cases a run wants. */
export interface Selection {
  /** Whole names of scenarios or cases, with `*` for any run of characters; empty: all. */
  readonly patterns: readonly string[];
  /** A suite is a tag. */
  readonly suite: string | undefined;
  readonly tags: readonly string[];
  readonly grep: RegExp | undefined;
  readonly repeat: number;
  readonly timeoutMs: number | undefined;
}

/**
 * The cases of a run in their order: as the scenarios are given, each parameter in its order; repetitions are rounds
 * over all of them, named ` #2`, ` #3`.
 *
 * @throws HarnessError SCENARIO_INVALID for two cases of one name or a name that is not printable ASCII.
 */
export function casesOf(scenarios: readonly Scenario[], matrix: Matrix, selection: Selection): Case[] {
  const all = scenarios.flatMap((scenario) => expand(scenario, matrix, selection.timeoutMs));
  refuseBadNames(all);
  const chosen = all.filter((one) => isChosen(one, selection));
  return Array.from({ length: selection.repeat }, (_, round) =>
    chosen.map((one) => (round === 0 ? one : { ...one, name: `${one.name} #${round + 1}` })),
  ).flat();
}

function expand(scenario: Scenario, matrix: Matrix, timeoutMs: number | undefined): Case[] {
  const { name, needs = [], tags = [], parameters } = scenario;
  const list: Iterable<Parameter> = parameters?.(matrix) ?? [{ label: "" }];
  return [...list].map((parameter) => ({
    name: parameter.label === "" ? name : `${name} ${parameter.label}`,
    scenario: name,
    needs,
    tags,
    timeoutMs: timeoutMs ?? scenario.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    firmwares: parameter.firmwares ?? [],
    run: scenario.run,
    parameter,
  }));
}

function isChosen({ name, scenario, tags }: Case, { patterns, suite, tags: wanted, grep }: Selection): boolean {
  if (patterns.length > 0 && !patterns.some((pattern) => matches(pattern, scenario) || matches(pattern, name)))
    return false;
  if (suite !== undefined && !tags.includes(suite)) return false;
  if (wanted.length > 0 && !wanted.some((tag) => tags.includes(tag))) return false;
  return grep === undefined || grep.test(name);
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

function refuseBadNames(cases: readonly Case[]): void {
  const seen = new Set<string>();
  for (const { name } of cases) {
    if (!/^[\x20-\x7e]+$/.test(name)) {
      throw new HarnessError("SCENARIO_INVALID", `case ${JSON.stringify(name)}: a name is printable ASCII`);
    }
    if (seen.has(name)) throw new HarnessError("SCENARIO_INVALID", `two cases are named ${JSON.stringify(name)}`);
    seen.add(name);
  }
}
