import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Firmware } from "./scenario.js";

/** What firmwares are, whatever their files are called. */
export interface Identified {
  /** By label: SHA-256 of the signed body. */
  readonly firmwares: Readonly<Record<string, string>>;
  /** By file name: the same of what else goes with them, of all bytes where nothing is signed. */
  readonly files: Readonly<Record<string, string>>;
}

/** Without those that cannot be read: whoever programs them is told what is wrong with them. */
export function identified(all: readonly Firmware[]): Identified {
  const firmwares: Record<string, string> = {};
  const others: Record<string, string> = {};
  for (const { label, load } of all) {
    try {
      const { firmware, files } = load();
      firmwares[label] = firmware.bodySha256;
      for (const { path, image, bytes } of files)
        if (image?.kind !== "firmware")
          others[basename(path)] = image?.bodySha256 ?? createHash("sha256").update(bytes).digest("hex");
    } catch {
      // As above.
    }
  }
  return { firmwares, files: others };
}
