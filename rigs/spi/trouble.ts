import { HarnessError } from "../../harness/base/errors.js";
import { userName } from "../../harness/base/user.js";
import { messageOf } from "../serial/port-trouble.js";

export const ENABLE_SPI =
  "Add `dtoverlay=spi0-0cs` to config.txt, without `dtparam=spi=on`, and start the machine again";
export const CS_TAKEN = `The kernel's SPI has the pin for a chip select of its own. ${ENABLE_SPI}: that overlay leaves it.`;
export const INSTALL =
  "Install build-essential and python3, then run `npm install spi-device && npm rebuild spi-device`.";
const SLOWER = "Lower spi.speedHz in the rig file.";

/** Why the system did not open an SPI device, or did not take a setting, in our words. */
export function spiError(path: string, doing: string, cause: unknown): HarnessError {
  const code = codeOf(cause);
  if (code === "ENOENT" || code === "ENODEV" || code === "ENXIO")
    return failed(`${path}: there is no such SPI device`, cause, `${ENABLE_SPI}; or correct spi.path in the rig file.`);
  if (code === "EACCES" || code === "EPERM") {
    const advice = `Run \`sudo usermod -aG spi ${userName()}\`, then log out and in again.`;
    return failed(`${path}: this user may not read and write it; members of the group spi may`, cause, advice);
  }
  return failed(`${path}: ${doing}: ${messageOf(cause)}`, cause);
}

/** What the system calls an error. */
export const codeOf = (cause: unknown): unknown =>
  typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;

/** The system took everything else. */
export const speedRefused = (path: string, speedHz: number, cause: unknown): HarnessError =>
  failed(`${path}: expected a clock of ${speedHz} Hz; the system said: ${messageOf(cause)}`, cause, SLOWER);

export const failed = (message: string, cause?: unknown, advice?: string): HarnessError =>
  new HarnessError("SPI_FAILED", message, { cause, ...(advice !== undefined && { advice }) });
