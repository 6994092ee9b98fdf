import ms from "ms";
import type { Argv } from "yargs";
import { oneLine } from "../../base/clean.js";
import { HarnessError } from "../../base/errors.js";

/** The rig file of the simulated module. */
export const SIM = "sim";

/** Options of every command that touches a rig. */
export const withRig = <T>(yargs: Argv<T>) =>
  yargs
    .option("rig", {
      type: "string",
      default: SIM,
      requiresArg: true,
      describe: "Rig file, or the name of one under rigs/ or else here",
    })
    .option("set", {
      type: "string",
      array: true,
      default: [] as string[],
      requiresArg: true,
      describe: "Override a field of the rig file: path=value",
    })
    .option("wait", { type: "boolean", default: false, describe: "Wait for a rig that somebody else uses" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" });

/** How a bench command leaves the module. */
export const leaveOption = (usual: string) =>
  ({
    type: "string",
    choices: ["run", "rom", "off"] as const,
    requiresArg: true,
    describe: `The module afterwards: running, in its boot ROM, or off; default: ${usual}`,
  }) as const;

export const withLeave = <T>(yargs: Argv<T>, usual: "run" | "off") => yargs.option("leave", leaveOption(usual));

/** Options that say where the bytes come from: a firmware of a package, an ini, or one file. */
export const withSource = <T>(yargs: Argv<T>) =>
  yargs
    .option("firmware", {
      type: "string",
      requiresArg: true,
      describe: "NCP_Binaries folder; a simulated rig has a synthetic one",
    })
    .option("profile", { type: "string", choices: PROFILES, requiresArg: true, describe: "Firmware profile" })
    .option("fw-version", { type: "string", requiresArg: true, describe: "Firmware version, such as 2.0.106" })
    .option("config", { type: "string", requiresArg: true, describe: "Flash configuration: the vendor's ini" })
    .option("file", { type: "string", requiresArg: true, describe: "One file, with --address" })
    .option("address", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("address", 0),
      describe: "Where --file goes",
    });

/** Where a CI server finds the attachments that `junit.xml` names. */
export const attachmentBase = {
  type: "string",
  requiresArg: true,
  coerce: attachmentPath,
  describe: "Put before the path of each attachment in the reports; default: the run's folder as seen from here",
} as const;

/** A server takes what stands before the first `]]` of a line for the path. */
function attachmentPath(text: string | undefined): string | undefined {
  // More than one is refused elsewhere.
  if (typeof text !== "string" || (oneLine(text) === text && !text.includes("]]"))) return text;
  throw new Error(`--attachment-base: expected a path without control characters and ]], got ${JSON.stringify(text)}`);
}

export const PROFILES = ["t01", "t02", "mfg"] as const;

/** `10m`, `90s`, `500ms` or a number of milliseconds. */
export function duration(text: string): number {
  // The package throws for what it does not read at all.
  const value = /^.{1,100}$/.test(text) ? ms(text as ms.StringValue) : undefined;
  if (value === undefined || !(value > 0))
    throw new Error(`expected a duration such as 10m or 90s, got ${JSON.stringify(text)}`);
  return value;
}

/** A whole number, decimal or 0x hexadecimal, of at least `min` and at most `max`. */
export const wholeNumber =
  (name: string, min: number, max?: number) =>
  (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= (max ?? value)) return value;
    const limits = `at least ${min}${max === undefined ? "" : ` and at most ${max}`}`;
    throw new Error(`--${name}: expected a whole number of ${limits}, got ${JSON.stringify(text)}`);
  };

/**
 * A list given with commas, with several options, or both; empty where it was not given.
 *
 * @throws HarnessError USAGE for a list that was given and names nothing: the default is not what was asked for.
 */
export function list(name: string, values: readonly string[] | undefined): string[] {
  const named = (values ?? []).flatMap((value) => value.split(",")).filter((value) => value !== "");
  if (values === undefined || named.length > 0) return named;
  throw new HarnessError("USAGE", `--${name}: expected at least one, got none`);
}
