import { join } from "node:path";
import { type FirmwarePackage, type FlashSet, loadFirmware, openPackage } from "../../harness/firmware/package.js";
import { writeSyntheticPackage } from "../../harness/firmware/synthetic-package.js";

let opened: FirmwarePackage | undefined;

/** The synthetic package: written once, then shared by all tests and by `npm start`. */
function syntheticPackage(): FirmwarePackage {
  opened ??= openPackage(writeSyntheticPackage(join("out", "firmware")));
  return opened;
}

export const syntheticSet = (profile: "t01" | "t02" | "mfg", version = "2.0.106"): FlashSet =>
  loadFirmware(syntheticPackage(), profile, version);

/** A small set of files without any image: for tests that want little flash and no signature. */
export function plainSet(
  files: readonly { section: string; address: number; bytes: Uint8Array }[],
  set: Partial<FlashSet> = {},
): FlashSet {
  const { firmware, keyHash } = syntheticSet("t01");
  const flashFiles = files.map((file) => ({
    ...file,
    path: file.section,
    slotBytes: undefined,
    image: undefined,
    xz: undefined,
  }));
  return {
    profile: "t01",
    version: "2.0.106",
    label: "plain",
    ini: "plain.ini",
    erase: 1,
    skip: [],
    files: flashFiles,
    findings: [],
    firmware,
    keyHash,
    ...set,
  };
}
