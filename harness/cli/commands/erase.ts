import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../base/errors.js";
import { hexNumber } from "../../base/hex.js";
import { atBench, loadBench, moduleName, rigFacts } from "../bench/workbench.js";
import { wholeNumber, withLeave, withRig } from "../options/options.js";
import { withTraceFile } from "../options/trace.js";
import { print, printJson } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  withLeave(withTraceFile(withRig(yargs)), "off")
    .option("whole-chip", { type: "boolean", default: false, describe: "Erase everything, PSM and RF data too" })
    .option("start", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("start", 0),
      describe: "First address: on a sector of 4096 bytes",
    })
    .option("length", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("length", 1),
      describe: "Bytes: whole sectors",
    })
    .example("$0 erase --whole-chip", "Also where set-para stays silent")
    .example("$0 erase --start 0xF000 --length 0x1000", "The second partition table");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ rig, set, wait, trace, wholeChip, start, length, json, leave }: Args): Promise<number> {
  const range = wholeChip ? undefined : rangeOf(start, length);
  if (wholeChip && (start ?? length) !== undefined)
    throw new HarnessError("USAGE", "--whole-chip takes no --start and no --length");
  const bench = await loadBench({ rig, set, wait, trace });
  const { eraseChip, eraseRange } = await import("../../recover/erase.js");
  return atBench(
    bench,
    { what: "erase", json, leave: { asked: leave, usual: "off", worked: "rom" } },
    async ({ rig, deadline, observer, stages }) => {
      const { chipId } =
        range === undefined
          ? await eraseChip(rig, deadline, observer)
          : await eraseRange(rig, range, deadline, observer);
      const what = range === undefined ? "the whole chip" : `${hexNumber(range.start)} to ${hexNumber(range.end - 1)}`;
      if (json) printJson({ ...rigFacts(bench), module: chipId, erased: range ?? "chip", stages });
      else print(`${what} of ${moduleName(bench, chipId)} is erased, and blank`);
      return 0;
    },
  );
}

const SECTOR_BYTES = 4096;

/** Whole sectors only: more than was named is never erased. */
function rangeOf(start: number | undefined, length: number | undefined): { start: number; end: number } {
  if (start === undefined || length === undefined)
    throw new HarnessError("USAGE", "name --whole-chip, or --start and --length");
  if (start % SECTOR_BYTES === 0 && length % SECTOR_BYTES === 0) return { start, end: start + length };
  throw new HarnessError(
    "USAGE",
    `expected whole sectors of ${hexNumber(SECTOR_BYTES)} bytes, got ${hexNumber(start)} and ${hexNumber(length)} bytes`,
  );
}
