import { basename, join, resolve } from "node:path";
import { HarnessError } from "../base/errors.js";
import { listFolder } from "./files.js";
import { type Image, readImage } from "./image.js";
import { type FlashFiles, loadIni } from "./load-ini.js";
import { compareVersions, imageName, iniName, PROFILES, type Profile, parseImageName, tellImproper } from "./names.js";

export type { Range } from "./ini.js";
export type { FlashFile } from "./load-ini.js";
export type { Profile } from "./names.js";

/** One firmware that a package can put on a module. */
interface Firmware {
  readonly profile: Profile;
  readonly version: string;
  /** Name of its image in the package's folder. */
  readonly file: string;
}

/** The vendor's `NCP_Binaries` folder, of any release. */
export interface FirmwarePackage {
  readonly dir: string;
  /** By profile, then from the oldest version to the newest. */
  readonly firmwares: readonly Firmware[];
}

/** All that makes up one firmware on a module, read and laid out. */
export interface FlashSet extends FlashFiles {
  readonly profile: Profile;
  readonly version: string;
  /** `t01@2.0.106` */
  readonly label: string;
  readonly firmware: Image;
  /** Of the firmware's signing key; empty when it is unsigned. */
  readonly keyHash: string;
}

/**
 * Lists what is in a package; a firmware is an image with an ini of its profile.
 *
 * @throws HarnessError FILE_UNREADABLE; PACKAGE_INVALID when there is no firmware in it.
 */
export function openPackage(dir: string): FirmwarePackage {
  const path = resolve(dir);
  const names = listFolder(path);
  const firmwares = names
    .flatMap((file) => ({ ...parseImageName(file), file }))
    .filter(
      (firmware): firmware is Firmware => firmware.profile !== undefined && names.includes(iniName(firmware.profile)),
    )
    .sort((a, b) => PROFILES.indexOf(a.profile) - PROFILES.indexOf(b.profile) || compareVersions(a.version, b.version));
  if (firmwares.length > 0) return { dir: path, firmwares };
  const [ini, image] = [iniName("t01"), imageName("t01", "2.0.106")];
  throw new HarnessError(
    "PACKAGE_INVALID",
    `${path}: expected ini files and images such as ${ini} and ${image}, got ${names.slice(0, 8).join(", ") || "an empty folder"}${tellImproper(names)}`,
  );
}

/**
 * Reads one firmware with all that goes with it, judged.
 *
 * @throws HarnessError FIRMWARE_NOT_FOUND; PACKAGE_INVALID; IMAGE_INVALID for a firmware without a boot header;
 * whatever `loadIni` throws.
 */
export function loadFirmware({ dir, firmwares }: FirmwarePackage, profile: Profile, version: string): FlashSet {
  const wanted = firmwares.find((each) => each.profile === profile && each.version === version);
  const label = `${profile}@${version}`;
  if (wanted === undefined) {
    const known = firmwares.map((each) => `${each.profile}@${each.version}`);
    throw new HarnessError(
      "FIRMWARE_NOT_FOUND",
      `${dir}: expected ${label}, got ${known.join(", ")}${tellImproper(listFolder(dir))}`,
      {
        details: { known },
      },
    );
  }
  const files = loadIni(join(dir, iniOf(dir, profile, version)), { version });
  const file = files.files.find(({ path }) => basename(path) === wanted.file);
  if (file === undefined)
    throw new HarnessError(
      "PACKAGE_INVALID",
      `${join(dir, files.ini)}: expected a section for ${wanted.file}, got none`,
    );
  const firmware = file.image ?? readImage(file.bytes, wanted.file);
  return { ...files, profile, version, label, firmware, keyHash: firmware.keyHash };
}

/** Release 1.2.0 had an ini of its own for an older version: `mission_t01_flash_prog_cfg_v2.0.89.ini`. */
function iniOf(dir: string, profile: Profile, version: string): string {
  const own = iniName(profile).replace(/\.ini$/, `_v${version}.ini`);
  return listFolder(dir).includes(own) ? own : iniName(profile);
}
