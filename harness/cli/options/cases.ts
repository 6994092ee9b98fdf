import { glob } from "tinyglobby";
import type { Argv } from "yargs";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { HarnessError } from "../../base/errors.js";
import { didYouMean } from "../../base/nearest.js";
import type { Selection } from "../../run/lanes/choose.js";
import { duration, list, PROFILES, SIM, wholeNumber, withRig } from "./options.js";

/** Sets of cases that belong together, each by its tag. */
const SUITES = ["smoke", "nightly", "brick", "stress", "functional", "ota"] as const;

/** The options that say what cases run on and with. */
export const withLanes = <T>(yargs: Argv<T>) =>
  withContents(
    withRig(yargs).option("rig", {
      type: "string",
      array: true,
      default: [SIM],
      requiresArg: true,
      describe: "Rig file, or the name of one under rigs/ or else here; several may be named",
    }),
  );

/** The options that say what cases are made of, wherever they run, and how long each may take. */
const withContents = <T>(yargs: Argv<T>) =>
  yargs
    .option("firmware", {
      type: "string",
      requiresArg: true,
      describe: "NCP_Binaries folder; a simulated rig has a synthetic one",
    })
    .option("scenarios", {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "Your own scenario files in place of those that ship: a glob",
    })
    .option("timeout", {
      type: "string",
      requiresArg: true,
      coerce: (text?: string) => (text === undefined ? undefined : duration(text)),
      describe: "Longest time of a case: 10m",
    })
    .option("grace", {
      type: "string",
      default: "5s",
      requiresArg: true,
      coerce: duration,
      describe: "A case that does not end so long after its time is ended by force",
    })
    .option("deaf", {
      type: "string",
      default: "30s",
      requiresArg: true,
      coerce: duration,
      describe: "So is one whose code never yields for so long, and a file that is not loaded in that time",
    });

/** The options that choose among the firmwares of a package. */
export const withFirmwares = <T>(yargs: Argv<T>) =>
  yargs
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
    });

/** The options that choose cases: the same for `run` and `list`. */
export const withCases = (yargs: Argv) => withChoice(withLanes(yargs));

/** The same where the rigs are others. */
export const withFarmCases = (yargs: Argv) => withChoice(withContents(yargs));

const withChoice = <T>(yargs: Argv<T>) =>
  withFirmwares(yargs)
    .positional("pattern", {
      type: "string",
      array: true,
      default: [] as string[],
      describe: "Names of scenarios or cases; * stands for anything",
    })
    .option("suite", {
      type: "string",
      array: true,
      requiresArg: true,
      coerce: suitesOf,
      describe: `Suites (${SUITES.join(", ")}); default without patterns: smoke`,
    })
    .option("tag", { type: "string", array: true, requiresArg: true, describe: "Cases with one of these tags" })
    .option("grep", { type: "string", requiresArg: true, describe: "Cases whose name matches a regular expression" })
    .option("repeat", {
      type: "string",
      default: "1",
      requiresArg: true,
      coerce: wholeNumber("repeat", 1),
      describe: "Rounds over all cases",
    })
    .option("shard", {
      type: "string",
      requiresArg: true,
      coerce: shardOf,
      describe: "A part of the cases, for one of several machines: 2/3 is the second of three",
    });

/** One of `of` parts of a run, from 1 on. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

function shardOf(text?: string): Shard | undefined {
  if (text === undefined) return undefined;
  const [, index = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of) return { index, of };
  throw new Error(`--shard: expected a part and the number of all, as 2/3, got ${JSON.stringify(text)}`);
}

/** The options that choose cases. */
export interface Choice {
  readonly pattern?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | undefined;
  readonly suite?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly grep?: string | undefined;
  readonly repeat?: number | undefined;
  readonly shard?: Shard | undefined;
}

/** The rig files of `--rig`, each with all of `--set`. @throws HarnessError RIG_INVALID and the like; USAGE for two of one name. */
export async function rigsOf({
  rig,
  set,
}: {
  readonly rig: readonly string[];
  readonly set: string[];
}): Promise<RigConfig[]> {
  const { loadRig } = await import("../../../rigs/file/load.js");
  const configs = list("rig", rig).map((each) => loadRig(each, set));
  const twice = configs.find(({ name }, index) => configs.findIndex((other) => other.name === name) < index);
  if (twice === undefined) return configs;
  throw new HarnessError("USAGE", `--rig: two rigs are named ${twice.name}, and reports could not tell them apart`);
}

/** The user's own scenario files, in the order of their paths. @throws HarnessError FILE_UNREADABLE when a pattern matches none. */
export async function scenarioFiles(patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    patterns.map(async (pattern) => {
      const files = await glob([pattern], { absolute: true, expandDirectories: false });
      if (files.length === 0) throw new HarnessError("FILE_UNREADABLE", `--scenarios ${pattern}: no file matches`);
      return files;
    }),
  );
  return [...new Set(found.flat())].sort();
}

/**
 * Which cases the options ask for. Scenarios of one's own run in place of those that ship; patterns, suite, tags and
 * names choose among them. Without any choice the shipped ones are the smoke suite.
 */
export function selectionOf(args: Choice): Selection {
  const patterns = args.pattern ?? [];
  const isOpen = patterns.length === 0 && args.tag === undefined && (args.scenarios ?? []).length === 0;
  return {
    patterns,
    suites: args.suite ?? (isOpen ? ["smoke"] : []),
    tags: list("tag", args.tag),
    grep: args.grep === undefined ? undefined : expression(args.grep),
    repeat: args.repeat ?? 1,
  };
}

/** With commas, as other lists. */
function suitesOf(given?: readonly string[]): string[] | undefined {
  if (given === undefined) return undefined;
  const suites = given.flatMap((each) => each.split(",")).filter((each) => each !== "");
  const wrong = suites.find((suite) => !(SUITES as readonly string[]).includes(suite));
  if (wrong === undefined && suites.length > 0) return suites;
  const meant = didYouMean(wrong ?? "", SUITES);
  throw new Error(`--suite: expected some of ${SUITES.join(", ")}, got ${JSON.stringify(wrong ?? "")}${meant}`);
}

function expression(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (cause) {
    throw new HarnessError("USAGE", `--grep: ${cause instanceof Error ? cause.message : source}`, { cause });
  }
}
