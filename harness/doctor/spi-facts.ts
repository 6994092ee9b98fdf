import type { Host } from "./host.js";

/** The SPI devices of a machine that programs may use. */
export const spiDevices = (host: Host): string[] =>
  host
    .names("/dev")
    .filter((name) => /^spidev\d+\.\d+$/.test(name))
    .map((name) => `/dev/${name}`);
