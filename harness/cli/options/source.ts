import { basename } from "node:path";
import { HarnessError } from "../../base/errors.js";
import { bootsFrom } from "../../firmware/boots-from.js";
import { readBytes } from "../../firmware/files.js";
import { judgeFile } from "../../firmware/judge.js";
import { loadIni } from "../../firmware/load-ini.js";
import { parseImageName } from "../../firmware/names.js";
import { type FlashFile, loadFirmware } from "../../firmware/package.js";
import { roleOf } from "../../firmware/role.js";
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
 * @param firmwareElsewhere --firmware is needed for something else, too.
 * @throws HarnessError USAGE for none or several sources, or an option that means nothing with it; whatever reading them throws. No rig was touched.
 */
export async function wantedOf(source: Source, simulated: boolean, firmwareElsewhere = false): Promise<Wanted> {
  const { firmware, profile, fwVersion, config, file, address } = source;
  const named = (["profile", "config", "file"] as const).filter((name) => source[name] !== undefined);
  const [by] = named;
  if (by === undefined || named.length > 1)
    throw new HarnessError("USAGE", "name one of --profile with --fw-version, --config, or --file with --address");
  refuseIdle(by, firmwareElsewhere ? { ...source, firmware: undefined } : source);
  if (config !== undefined) return ofConfig(config, fwVersion);
  if (file !== undefined) return { job: ofFile(file, address), expected: undefined };
  if (profile === undefined || fwVersion === undefined)
    throw new HarnessError("USAGE", "--profile: --fw-version is missing");
  const { pkg, version } = await chooseOne(firmware, profile, fwVersion, simulated);
  const job = loadFirmware(pkg, profile, version);
  return { job, expected: { profile, version, place: bootsFrom(job.files) } };
}

/** Which options go with a source. */
const GO_WITH = {
  profile: ["firmware", "fwVersion"],
  config: ["fwVersion"],
  file: ["address"],
} as const satisfies Record<string, readonly (keyof Source)[]>;

const OPTIONS = { firmware: "firmware", fwVersion: "fw-version", address: "address" } as const;

/** What is given and would be passed over was meant to change something. */
function refuseIdle(by: keyof typeof GO_WITH, source: Source): void {
  for (const [name, option] of Object.entries(OPTIONS) as [keyof typeof OPTIONS, string][]) {
    if (source[name] === undefined || (GO_WITH[by] as readonly string[]).includes(name)) continue;
    throw new HarnessError("USAGE", `--${option} does not go with --${by}: it would mean nothing`);
  }
}

/** The vendor's ini. Where none of its files has a version, one that is asked for would choose nothing. */
function ofConfig(path: string, version: string | undefined): Wanted {
  const ini = loadIni(path, version === undefined ? undefined : { version });
  const versions = ini.files.map(({ path: file }) => parseImageName(basename(file))?.version);
  if (version !== undefined && !versions.includes(version))
    throw new HarnessError(
      "USAGE",
      `--fw-version ${version} does not go with --config ${path}: none of its files takes a version`,
    );
  const firmware = ini.files.find(({ image }) => image?.kind === "firmware")?.image;
  const profile = firmware?.profile ?? (firmware && parseImageName(firmware.name)?.profile);
  const runs = firmware?.versionBlock?.version;
  const place = bootsFrom(ini.files);
  const expected = profile === undefined || runs === undefined ? undefined : { profile, version: runs, place };
  return { job: { ...ini, label: basename(path) }, expected };
}

/**
 * One file at one address: what it must be is told by its name, else by its first bytes; with any other name they are
 * somebody's data. Only the sectors that it touches are erased.
 */
function ofFile(path: string, address: number | undefined): Job {
  if (address === undefined) throw new HarnessError("USAGE", "--file: --address is missing");
  const bytes = readBytes(path, "a file to write");
  if (bytes.length === 0) throw new HarnessError("PLAN_INVALID", `${path}: expected bytes to write, the file is empty`);
  const name = basename(path);
  const role = roleOf("", name, bytes);
  const { image, findings } = judgeFile({ name, bytes, role, room: undefined });
  const file: FlashFile = { section: name, path, address, bytes, slotBytes: undefined, image, xz: undefined };
  return { label: name, files: [file], erase: 1, skip: [], findings };
}
