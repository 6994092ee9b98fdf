import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import { SPI_HEADER_BYTES } from "../protocol/spi-frame.js";

/** The first two bytes of a header of firmware up to about SDK 2.0.48, as modules came from the factory. */
const FACTORY_MAGIC = "0155";

/** What came in place of a frame's header, told as what it is. */
export function strayHeader(name: string, bytes: Uint8Array): HarnessError {
  const found = hex(bytes.subarray(0, SPI_HEADER_BYTES));
  const details = { details: { header: found } };
  if (found.startsWith(FACTORY_MAGIC))
    return new HarnessError("NCP_OUTDATED", `${name}: expected a frame, got ${found}: a factory firmware's`, details);
  if (/^(00)+$|^(ff)+$/.test(found))
    return new HarnessError(
      "SPI_NO_ANSWER",
      `${name}: SPI_RDY is high, and all bits on MISO are ${found.startsWith("f") ? 1 : 0}`,
      details,
    );
  return new HarnessError(
    "SPI_FRAME_INVALID",
    `${name}: expected a frame that begins with aa55, got ${found}`,
    details,
  );
}
