import { basename } from "node:path";
import { HarnessError } from "../base/errors.js";
import { readBytes } from "../firmware/files.js";
import { readUpdate, type UpdateFile } from "../ncp/update-file.js";
import type { Firmware } from "./scenario.js";

/**
 * The update over the air of a firmware, as it lies beside its image in the package, judged.
 *
 * @throws HarnessError FILE_UNREADABLE where it is not there; IMAGE_INVALID for one that is damaged or holds another firmware.
 */
export function updateOf(firmware: Firmware, kind: UpdateFile["kind"]): UpdateFile {
  const { files, firmware: image } = firmware.load();
  const path = files.find(({ image: each }) => each?.kind === "firmware")?.path ?? image.name;
  const ota = path.replace(/\.bin$/, kind === "raw" ? ".bin.ota" : ".xz.ota");
  const file = readUpdate(readBytes(ota, "an update over the air"), ota);
  if (file.image.bodySha256 === image.bodySha256 && file.kind === kind) return file;
  throw new HarnessError("IMAGE_INVALID", `${basename(ota)}: expected the ${kind} update of ${firmware.label}`, {
    details: { expected: image.bodySha256, found: file.image.bodySha256 },
  });
}
