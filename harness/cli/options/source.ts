import { basename } from "node:path";
import { HarnessError } from "../../base/errors.js";
import { readBytes } from "../../firmware/files.js";
import { isImage } from "../../firmware/image.js";
import { judgeFile } from "../../firmware/judge.js";
import { loadIni } from "../../firmware/load-ini.js";
import { parseImageName } from "../../firmware/names.js";
import { type FlashFile, loadFirmware } from "../../firmware/package.js";
import { ST_TABLE } from "../../firmware/partition.js";
import { roleOfName, roleOfPlace } from "../../firmware/role.js";
import type { Job } from "../../flash/plan.js";
import type { Expected } from "../../flash/prove.js";
import { chooseOne } from "./firmwares.js";

/** Where a flash or a verify takes its bytes from: exactly one of `config`, `file`, or `profile` with `fwVersion`. */
export interface Source {
  readonly firmware?: string | undefined;
  readonly profile?: Expected["profile"] | undefined;
  readonly fwVersion?: string | undefined;
  readonly config?: string | undefined;
  readonly file?: string | undefined;
  readonly address?: number | undefined;
}

/** What to write, and which firmware must run afterwards; `undefined`: nothing can be said about that. */
export interface Wanted {
  readonly job: Job;
  readonly expected: Expected | undefined;
}

/**
 * @throws HarnessError USAGE for none or several sources; whatever reading them throws. No rig was touched.
 */
export async function wantedOf(source: Source, simulated: boolean): Promise<Wanted> {
  const { firmware, profile, fwVersion, config, file, address } = source;
  const named = [config !== undefined, file !== undefined, profile !== undefined].filter(Boolean).length;
  if (named !== 1)
    throw new HarnessError("USAGE", "name one of --profile with --fw-version, --config, or --file with --address");
  if (config !== undefined) return ofConfig(config, fwVersion);
  if (file !== undefined) return { job: ofFile(file, address), expected: undefined };
  if (profile === undefined || fwVersion === undefined)
    throw new HarnessError("USAGE", "--profile: --fw-version is missing");
  const { pkg, version } = await chooseOne(firmware, profile, fwVersion, simulated);
  return { job: loadFirmware(pkg, profile, version), expected: { profile, version } };
}

/** The vendor's ini. */
function ofConfig(path: string, version: string | undefined): Wanted {
  const ini = loadIni(path, version === undefined ? undefined : { version });
  const firmware = ini.files.find(({ image }) => image?.kind === "firmware")?.image;
  const profile = firmware?.profile ?? (firmware && parseImageName(firmware.name)?.profile);
  const runs = firmware?.versionBlock?.version;
  const expected = profile === undefined || runs === undefined ? undefined : { profile, version: runs };
  return { job: { ...ini, label: basename(path) }, expected };
}

/**
 * One file at one address: what it must be is told by its name, and where it goes at one of the places where boot ROM and
 * boot2 look, by ST's table. Only the sectors that it touches are erased.
 */
function ofFile(path: string, address: number | undefined): Job {
  if (address === undefined) throw new HarnessError("USAGE", "--file: --address is missing");
  const bytes = readBytes(path, "a file to write");
  if (bytes.length === 0) throw new HarnessError("PLAN_INVALID", `${path}: expected bytes to write, the file is empty`);
  const name = basename(path);
  const role = roleOfPlace(address, ST_TABLE) ?? roleOfName(name) ?? (isImage(bytes) ? "image" : undefined);
  const { image, findings } = judgeFile({ name, bytes, role, room: undefined });
  const file: FlashFile = { section: name, path, address, bytes, slotBytes: undefined, image, xz: undefined };
  return { label: name, files: [file], erase: 1, skip: [], findings };
}
