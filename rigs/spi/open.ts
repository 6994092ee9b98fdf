import { HarnessError } from "../../harness/base/errors.js";
import type { SpiPort } from "../../harness/base/spi.js";
import type { Deadline } from "../../harness/base/time.js";
import type { ReadyInput } from "../../harness/base/wire.js";
import type { RigConfig } from "../file/schema.js";
import type { SpidevReach } from "./spidev.js";

/** The module's host interface until it is disposed, which lets go of CS. */
export interface OpenedSpi extends AsyncDisposable {
  readonly spi: SpiPort;
  /** SPI_RDY, where it comes with the SPI. */
  readonly ready?: ReadyInput;
}

/**
 * Opens what a rig on hardware has as `spi`; `undefined`: nothing.
 *
 * @param select drives CS, where that is a line of ours.
 * @throws HarnessError DRIVER_MISSING; SPI_FAILED; RIG_INVALID; the deadline's error.
 */
export async function openSpi(
  { name, spi }: RigConfig,
  select: SpiPort["select"] | undefined,
  deadline: Deadline,
  reach?: SpidevReach,
): Promise<OpenedSpi | undefined> {
  if (spi === undefined) return undefined;
  const { driver, path, speedHz } = spi;
  if (driver === "socket" && path !== undefined) return (await import("./socket.js")).openSpiSocket(path, deadline);
  if (driver === "spidev" && path !== undefined && select !== undefined) {
    const { openSpidev } = await import("./spidev.js");
    const port = await openSpidev({ path, speedHz, select }, deadline, reach);
    return { spi: port, [Symbol.asyncDispose]: () => port[Symbol.asyncDispose]() };
  }
  throw new HarnessError(
    "RIG_INVALID",
    `${name}: spi: expected the path, and the lines, that the driver ${driver} needs`,
  );
}
