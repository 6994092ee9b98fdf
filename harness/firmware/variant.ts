import { basename } from "node:path";
import type { Image } from "./image.js";
import { checkKeys, judgeFile } from "./judge.js";
import type { FlashSet } from "./package.js";
import { roleOf } from "./role.js";

/** What is another in a firmware. */
export interface Change {
  /** As `erase` in the vendor's ini: 0 nothing, 1 before each file, 2 the whole chip. */
  readonly erase?: FlashSet["erase"];
  /** In place of one of its images, as made of it; `undefined`: it stays. */
  readonly image?: (image: Image) => Uint8Array | undefined;
}

/** The same firmware with other images in it or another way to erase; judged anew, as any that a package holds. */
export function variantOf(set: FlashSet, { erase = set.erase, image: change }: Change): FlashSet {
  const judged = set.files.map((file) => {
    const { section, path, slotBytes, image, bytes: before } = file;
    const bytes = (image && change?.(image)) ?? before;
    const name = basename(path);
    const found = judgeFile({ name, bytes, role: roleOf(section, name, bytes), room: slotBytes });
    const xz = bytes === before ? file.xz : undefined;
    return { file: { ...file, bytes, xz, image: found.image }, findings: found.findings };
  });
  const files = judged.map(({ file }) => file);
  const images = files.flatMap(({ image }) => image ?? []);
  const findings = [...judged.flatMap((each) => each.findings), ...checkKeys(images)];
  const firmware = images.find(({ name }) => name === set.firmware.name) ?? set.firmware;
  return { ...set, erase, files, findings, firmware, keyHash: firmware.keyHash };
}
