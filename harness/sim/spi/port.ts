import { HarnessError } from "../../base/errors.js";
import type { SpiPort } from "../../base/spi.js";
import type { SpiSlave } from "./slave.js";

/** What a host of ours clocks at, unless it says otherwise. */
export const SPI_HZ = 10_000_000;
/** As much as `spidev` takes in one piece, twice: a host of ours sends less. */
export const TRANSFER_BYTES = 8192;

/** A host's port to `slave`. @param speedHz infinite: transfers take no time. */
export const spiPortTo = (slave: SpiSlave, speedHz: number): SpiPort => ({
  async select(selected, deadline) {
    deadline.signal.throwIfAborted();
    slave.select(selected);
  },
  async transfer(mosi, deadline) {
    if (mosi.length < 1 || mosi.length > TRANSFER_BYTES)
      throw new HarnessError("SPI_FAILED", `expected a transfer of 1 to ${TRANSFER_BYTES} bytes, got ${mosi.length}`);
    const ms = (8000 * mosi.length) / speedHz;
    return slave.exchange(mosi.slice(), () => deadline.sleep(ms));
  },
});
