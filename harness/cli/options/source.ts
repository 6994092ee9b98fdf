import { basename } from "node:path";
import { HarnessError } from "../../base/errors.js";
import { checkImage } from "../../firmware/check.js";
import { readBytes } from "../../firmware/files.js";
import { isImage, readImage } from "../../firmware/image.js";
import { loadIni } from "../../firmware/load-ini.js";
import { parseImageName } from "../../firmware/names.js";
import { type FlashFile, loadFirmware } from "../../firmware/package.js";
import { type Job, jobOf } from "../../flash/plan.js";
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
  return { job: jobOf(loadFirmware(pkg, profile, version)), expected: { profile, version } };
}

/** The vendor's ini, with its images held to what their names say. */
function ofConfig(path: string, version: string | undefined): Wanted {
  const ini = loadIni(path, version === undefined ? undefined : { version });
  const findings = ini.files.flatMap(({ image, slotBytes }) => {
    if (image === undefined) return [];
    const named = parseImageName(image.name);
    return checkImage(image, { expectProfile: named?.profile, expectVersion: named?.version, slotBytes });
  });
  const firmware = ini.files.find(({ image }) => image?.kind === "firmware")?.image;
  const profile = firmware?.profile ?? (firmware && parseImageName(firmware.name)?.profile);
  const runs = firmware?.versionBlock?.version;
  const expected = profile === undefined || runs === undefined ? undefined : { profile, version: runs };
  return { job: { ...ini, label: basename(path), findings }, expected };
}

/** One file at one address. Only the sectors that it touches are erased. */
function ofFile(path: string, address: number | undefined): Job {
  if (address === undefined) throw new HarnessError("USAGE", "--file: --address is missing");
  const bytes = readBytes(path, "a file to write");
  if (bytes.length === 0) throw new HarnessError("PLAN_INVALID", `${path}: expected bytes to write, the file is empty`);
  const name = basename(path);
  const image = isImage(bytes) ? readImage(bytes, name) : undefined;
  const file: FlashFile = { section: name, path, address, bytes, slotBytes: undefined, image, xz: undefined };
  return { label: name, files: [file], erase: 1, skip: [], findings: image === undefined ? [] : checkImage(image) };
}
