import type { Argv } from "yargs";
import { SCENARIOS } from "../../../scenarios/index.js";
import { oneLine } from "../../base/clean.js";
import { HarnessError } from "../../base/errors.js";
import { loadScenarios } from "../../run/load.js";
import { type Case, casesOf } from "../../run/matrix.js";
import { print, printJson } from "../terminal/output.js";
import { chooseFirmwares, openFirmware } from "./firmwares.js";
import { duration, list, PROFILES, wholeNumber, withRig } from "./options.js";

/** The options that choose cases: the same for `run` and `list`. */
export const withCases = (yargs: Argv) =>
  withRig(yargs)
    .positional("pattern", {
      type: "string",
      array: true,
      default: [] as string[],
      describe: "Names of scenarios or cases; * stands for anything",
    })
    .option("firmware", {
      type: "string",
      requiresArg: true,
      describe: "NCP_Binaries folder; a simulated rig has a synthetic one",
    })
    .option("scenarios", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "Your own scenario files: a glob",
    })
    .option("suite", {
      type: "string",
      choices: ["smoke"] as const,
      requiresArg: true,
      describe: "A suite; default without patterns: smoke",
    })
    .option("tag", { type: "string", array: true, requiresArg: true, describe: "Cases with one of these tags" })
    .option("grep", { type: "string", requiresArg: true, describe: "Cases whose name matches a regular expression" })
    .option("profile", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: `Profiles (${PROFILES.join(", ")}); default t01,t02`,
    })
    .option("fw-version", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "Firmware versions; default: all",
    })
    .option("repeat", {
      type: "string",
      default: "1",
      requiresArg: true,
      coerce: wholeNumber("repeat", 1),
      describe: "Rounds over all cases",
    })
    .option("timeout", {
      type: "string",
      requiresArg: true,
      coerce: (text?: string) => (text === undefined ? undefined : duration(text)),
      describe: "Longest time of a case: 10m",
    });

export interface CaseArgs {
  readonly pattern?: readonly string[] | undefined;
  readonly firmware?: string | undefined;
  readonly scenarios?: readonly string[] | undefined;
  readonly suite?: "smoke" | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly grep?: string | undefined;
  readonly profile?: readonly string[] | undefined;
  readonly fwVersion?: readonly string[] | undefined;
  readonly repeat?: number | undefined;
  readonly timeout?: number | undefined;
}

/**
 * The cases that the options ask for. Own scenarios run when they are named by `--scenarios`, whatever their tags,
 * unless a suite, tag or pattern chooses among them.
 *
 * @throws HarnessError USAGE when there is none.
 */
export async function chooseCases(args: CaseArgs, simulated: boolean): Promise<Case[]> {
  const own = await loadScenarios(args.scenarios ?? []);
  const patterns = args.pattern ?? [];
  const open = patterns.length === 0 && args.suite === undefined && args.tag === undefined && own.length === 0;
  const pkg = await openFirmware(args.firmware, simulated);
  const firmwares = chooseFirmwares(pkg, list(args.profile), list(args.fwVersion));
  const onlyOwn = own.length > 0 && patterns.length === 0 && args.suite === undefined;
  const cases = casesOf(
    onlyOwn ? own : [...SCENARIOS, ...own],
    { firmwares },
    {
      patterns,
      suite: args.suite ?? (open ? "smoke" : undefined),
      tags: list(args.tag),
      grep: args.grep === undefined ? undefined : expression(args.grep),
      repeat: args.repeat ?? 1,
      timeoutMs: args.timeout,
    },
  );
  if (cases.length > 0) return cases;
  throw new HarnessError("USAGE", "no case matches these options", {
    advice: "`st67-hil list` shows the cases that there are.",
  });
}

/** What `list` and a dry run show: one name a line, or what a program may want to know of each. */
export function tellCases(cases: readonly Case[], json: boolean): void {
  if (json) printJson(cases.map(({ name, scenario, tags, needs }) => ({ name, scenario, tags, needs })));
  else for (const { name } of cases) print(oneLine(name));
}

function expression(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (cause) {
    throw new HarnessError("USAGE", `--grep: ${cause instanceof Error ? cause.message : source}`, { cause });
  }
}
