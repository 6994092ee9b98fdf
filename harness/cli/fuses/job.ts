import type { Argv } from "yargs";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { HarnessError } from "../../base/errors.js";
import type { EfuseFile } from "../../firmware/efuse-file.js";
import type { Image } from "../../firmware/image.js";
import type { Source } from "../options/source.js";

/** Options of the one command that may burn fuses. */
export const withEfuse = <T>(yargs: Argv<T>) =>
  yargs
    .option("efuse", {
      type: "string",
      requiresArg: true,
      describe: "File of fuses: shows what it would change, and writes nothing at all without --burn-efuse",
    })
    .option("burn-efuse", { type: "boolean", default: false, describe: "Burn them, after the flash; never undone" })
    .option("chip-id", { type: "string", requiresArg: true, coerce: chipIdOf, describe: "The module to burn" });

function chipIdOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{12}$/i.test(text)) return text?.toLowerCase();
  throw new Error(`--chip-id: expected 12 hex digits, got ${JSON.stringify(text)}`);
}

/** A file of fuses, and the module that it is to be burned into; `undefined`: it is only looked at. */
export interface FuseJob {
  readonly file: EfuseFile;
  readonly chipId: string | undefined;
}

interface Args {
  readonly efuse?: string | undefined;
  readonly burnEfuse: boolean;
  readonly chipId?: string | undefined;
}

/** Whether anything speaks of what to flash. */
export const namesSource = ({ firmware, profile, fwVersion, config, file, address }: Source): boolean =>
  [firmware, profile, fwVersion, config, file, address].some((value) => value !== undefined);

/**
 * What the command line says of fuses, with all that can be refused before the rig is opened.
 *
 * @throws HarnessError USAGE for half a consent, or when the rig file does not allow it; WRONG_MODULE when the rig file
 * names another module; FILE_UNREADABLE; EFUSE_FILE_INVALID.
 */
export async function fuseJobOf({ efuse, burnEfuse, chipId }: Args, config: RigConfig): Promise<FuseJob | undefined> {
  if (efuse === undefined) {
    if (burnEfuse || chipId !== undefined)
      throw new HarnessError("USAGE", "--burn-efuse, --chip-id: --efuse is missing");
    return undefined;
  }
  if (burnEfuse !== (chipId !== undefined))
    throw new HarnessError(
      "USAGE",
      `--efuse: ${burnEfuse ? "--chip-id" : "--burn-efuse"} is missing: fuses are burned with both`,
    );
  const [{ loadEfuseFile }, { otherModule, refuseUnallowed }] = await Promise.all([
    import("../../firmware/efuse-file.js"),
    import("../../flash/efuse.js"),
  ]);
  if (chipId !== undefined) {
    refuseUnallowed(config);
    const bench = config.module?.chipId;
    if (bench !== undefined && bench !== chipId) throw otherModule(config.name, chipId, bench);
  }
  return { file: loadEfuseFile(efuse), chipId };
}

/** The firmware that goes with a burn must be signed with the key that is burned. @throws HarnessError KEY_FOREIGN. */
export async function refuseOtherKey({ file }: FuseJob, signed: readonly Image[]): Promise<void> {
  const { decodeFuses } = await import("../../protocol/fuses.js");
  const { keyHash } = decodeFuses(file.wanted);
  const foreign = signed.find((image) => keyHash !== undefined && image.keyHash !== keyHash);
  if (foreign === undefined) return;
  throw new HarnessError(
    "KEY_FOREIGN",
    `${foreign.name}: expected the key ${keyHash}, which ${file.name} burns, found ${foreign.keyHash}`,
    { details: { file: foreign.name, field: "publicKey", expected: keyHash, found: foreign.keyHash } },
  );
}
