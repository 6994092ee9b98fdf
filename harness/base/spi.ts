import type { Deadline } from "./time.js";

/**
 * The module's host interface: mode 0, 8 bits, most significant first. CS is a line of its own, active high and held over
 * several transfers; SPI_RDY is the rig's `ready`.
 */
export interface SpiPort {
  /** @throws HarnessError SPI_FAILED. */
  select(selected: boolean, deadline: Deadline): Promise<void>;
  /**
   * One full-duplex transfer, 1 to 8192 bytes.
   *
   * @returns what the module sent meanwhile, as many bytes.
   * @throws HarnessError SPI_FAILED.
   */
  transfer(mosi: Uint8Array, deadline: Deadline): Promise<Uint8Array>;
}
