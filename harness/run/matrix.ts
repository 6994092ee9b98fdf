import { inspect } from "node:util";
import { HarnessError } from "../base/errors.js";
import { IN_A_SUITE } from "../recover/rung.js";
import { isFirmware } from "./is-firmware.js";
import type { Firmware, Matrix, Need, Parameter, Scenario } from "./scenario.js";

const DEFAULT_TIMEOUT_MS = 600_000;
const MOST = 100_000;

/** One scenario with one parameter, as a report names it. */
export interface Case {
  readonly name: string;
  readonly scenario: string;
  readonly needs: readonly Need[];
  readonly tags: readonly string[];
  readonly timeoutMs: number;
  /** The highest rung of the recovery ladder. */
  readonly ladder: number;
  readonly firmwares: readonly Firmware[];
  readonly before: Firmware | undefined;
  readonly after: Firmware | undefined;
  readonly run: Scenario["run"];
  readonly parameter: Parameter;
}

/** The cases of one scenario, each parameter in its order. @param timeoutMs in place of the scenario's own. */
export function expand(scenario: Scenario, matrix: Matrix, timeoutMs: number | undefined): Case[] {
  const { name, needs = [], tags = [], ladder = IN_A_SUITE.top, parameters } = scenario;
  return listed(name, parameters?.(matrix) ?? [{ label: "" }]).map((parameter) => ({
    name: parameter.label === "" ? name : `${name} ${parameter.label}`,
    scenario: name,
    needs: [...new Set([...needs, ...(parameter.needs ?? [])])],
    tags: [...new Set([...tags, ...(parameter.tags ?? [])])],
    timeoutMs: timeoutMs ?? scenario.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ladder,
    firmwares: parameter.firmwares ?? endsOf(parameter),
    before: parameter.before,
    after: parameter.after,
    run: scenario.run,
    parameter,
  }));
}

/** A generator may have no end. */
function listed(name: string, parameters: Iterable<Parameter>): Parameter[] {
  const list: Parameter[] = [];
  for (const each of parameters) {
    if (list.length === MOST)
      throw new HarnessError("SCENARIO_INVALID", `${name}: parameters: expected ${MOST} of them at most`);
    list.push(checked(name, each));
  }
  return list;
}

const endsOf = ({ before, after }: Parameter): Firmware[] =>
  [...new Set([before, after])].filter((firmware) => firmware !== undefined);

/** No compiler stands between a scenario file and us. */
function checked(name: string, parameter: Parameter): Parameter {
  const { label, firmwares = [], before, after, tags = [], needs = [] } = parameter ?? {};
  const lists = Array.isArray(firmwares) && isTexts(tags) && isTexts(needs);
  const ends = [before, after].every((end) => end === undefined || isFirmware(end));
  if (typeof label === "string" && lists && ends) return parameter;
  throw new HarnessError(
    "SCENARIO_INVALID",
    `${name}: parameters: expected { label: a text, firmwares?: a list, before?, after?: firmwares of the matrix, tags?, needs?: lists of texts }, got ${inspect(parameter, { depth: 0 })}`,
  );
}

const isTexts = (list: unknown): boolean => Array.isArray(list) && list.every((each) => typeof each === "string");
