import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { HarnessError } from "../../base/errors.js";
import { refuseUnwritableFolder } from "../../base/folders.js";
import { didYouMean } from "../../base/nearest.js";
import { listFolder } from "../../firmware/files.js";
import { tellImproper } from "../../firmware/names.js";
import { type FirmwarePackage, loadFirmware, openPackage } from "../../firmware/package.js";
import { type Plan, planOf } from "../../flash/plan.js";
import type { KnownGood } from "../../run/control.js";
import type { Firmware, Profile } from "../../run/scenario.js";
import { cacheFolder } from "./cache-folder.js";
import { PROFILES } from "./options.js";

/** What `run` takes when no profile is named: mfg only when asked for. */
const MISSION: readonly Profile[] = ["t01", "t02"];

/**
 * The package of `--firmware`, or, for a simulated module alone, the synthetic one, kept in the user's cache.
 *
 * @throws HarnessError USAGE when a real rig has none; PACKAGE_INVALID.
 */
export async function openFirmware(folder: string | undefined, simulated: boolean): Promise<FirmwarePackage> {
  if (folder !== undefined) return openPackage(folder);
  if (!simulated) throw new HarnessError("USAGE", "--firmware: a real module needs the vendor's NCP_Binaries folder");
  const { writeSyntheticPackage } = await import("../../firmware/synthetic-package.js");
  return openPackage(writeSyntheticPackage(cachedAt() ?? thrownAway()));
}

/** In the user's cache; `undefined` where there is no such place, or it cannot be written. */
function cachedAt(): string | undefined {
  const folder = cacheFolder("firmware");
  try {
    refuseUnwritableFolder(folder);
    return folder;
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}

function thrownAway(): string {
  const folder = mkdtempSync(join(tmpdir(), "st67-hil-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "firmware");
}

/** @throws HarnessError FIRMWARE_NOT_FOUND for a profile or version that the package does not have. */
export function chooseFirmwares(
  pkg: FirmwarePackage,
  profiles: readonly string[],
  versions: readonly string[],
): Firmware[] {
  const wanted = profiles.length > 0 ? profiles : MISSION;
  const inProfile = pkg.firmwares.filter(({ profile }) => wanted.includes(profile));
  for (const profile of profiles)
    refuseMissing(
      pkg,
      "profile",
      profile,
      pkg.firmwares.map((one) => one.profile),
    );
  for (const version of versions)
    refuseMissing(
      pkg,
      "version",
      version,
      inProfile.map((one) => one.version),
    );
  return inProfile
    .filter(({ version }) => versions.length === 0 || versions.includes(version))
    .map(({ profile, version }) => lazyFirmware(pkg, profile, version));
}

/** A rig's known-good firmware; without it there is no control experiment, and the trouble says why. */
export function knownGood(pkg: FirmwarePackage, { name, reference }: Pick<RigConfig, "name" | "reference">): KnownGood {
  if (reference === undefined) return { trouble: `${name} names no reference firmware` };
  const { profile, fwVersion: version } = reference;
  if (pkg.firmwares.some((one) => one.profile === profile && one.version === version))
    return { firmware: lazyFirmware(pkg, profile, version) };
  return { trouble: `${pkg.dir} lacks ${profile}@${version}, the reference firmware of ${name}` };
}

function refuseMissing({ dir }: FirmwarePackage, what: string, wanted: string, have: readonly string[]): void {
  if (have.includes(wanted)) return;
  const there = [...new Set(have)].join(", ") || "none";
  // A profile that this package lacks was not meant to be another one.
  const meant = (PROFILES as readonly string[]).includes(wanted) ? "" : didYouMean(wanted, have);
  throw new HarnessError(
    "FIRMWARE_NOT_FOUND",
    `${dir}: no ${what} ${wanted}; there is ${there}${meant}${tellImproper(listFolder(dir))}`,
  );
}

function lazyFirmware(pkg: FirmwarePackage, profile: Profile, version: string): Firmware {
  const load = once(() => loadFirmware(pkg, profile, version));
  return {
    profile,
    version,
    label: `${profile}@${version}`,
    load,
    plan: once((): Plan => planOf(load())),
  };
}

/** @throws HarnessError FIRMWARE_NOT_FOUND; PACKAGE_INVALID. */
export async function chooseOne(
  folder: string | undefined,
  profile: Profile,
  version: string,
  simulated: boolean,
): Promise<{ readonly pkg: FirmwarePackage; readonly version: string }> {
  const pkg = await openFirmware(folder, simulated);
  chooseFirmwares(pkg, [profile], [version]);
  return { pkg, version };
}

/** Calls `make` once and gives its value, or its error, ever after. */
export function once<T>(make: () => T): () => T {
  let give: (() => T) | undefined;
  return () => {
    if (give === undefined) {
      try {
        const value = make();
        give = () => value;
      } catch (error) {
        give = () => {
          throw error;
        };
      }
    }
    return give();
  };
}
